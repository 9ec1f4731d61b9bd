package io.lockstep.server.serving;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The batches that were run last. */
public interface BatchHistory {

  /**
   * The newest first.
   *
   * @param model null for all models
   * @param most how many are wanted
   */
  List<BatchRecord> latest(@Nullable String model, int most);
}
