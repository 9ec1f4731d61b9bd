package io.lockstep.runtime;

import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.importer.onnx.OnnxImporter;
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
    if (!OnnxImporter.recognizes(file)) {
      throw new UnsupportedModelException(
          file.getFileName() + " is in no format that is supported; ONNX models end in .onnx");
    }
    return new GraphLoader(options, KernelBackends.select(options.kernels()).kernels())
        .load(OnnxImporter.importModel(file));
  }
}
