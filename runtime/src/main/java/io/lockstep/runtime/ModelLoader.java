package io.lockstep.runtime;

import io.lockstep.runtime.error.UnsupportedModelException;
import java.nio.file.Path;

/** Opens model files. */
public final class ModelLoader {

  private ModelLoader() {}

  /**
   * Loads the model in {@code file}.
   *
   * @throws io.lockstep.runtime.error.InvalidModelException when the file is damaged
   * @throws UnsupportedModelException when the model needs what the runtime lacks; lists all of it
   */
  public static GraphModel load(Path file, RuntimeOptions options) {
    if (options.maxCachedPlans() < 1) {
      throw new IllegalArgumentException("a session keeps at least one plan");
    }
    throw new UnsupportedModelException("no importer reads " + file.getFileName());
  }
}
