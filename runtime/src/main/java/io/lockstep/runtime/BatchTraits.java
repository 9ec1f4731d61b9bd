package io.lockstep.runtime;

import java.util.List;

/**
 * How requests may share a run of a model, found out from the model itself.
 *
 * @param mode which requests may share a run
 * @param inputs where the batch and the length stand in each input
 * @param outputs the same for each output
 * @param maskInput the input that marks valid positions with 1 and padding with 0, or -1
 * @param reason why the mode is what it is, one sentence
 */
public record BatchTraits(
    Mode mode, List<Axes> inputs, List<Axes> outputs, int maskInput, String reason) {

  public BatchTraits {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** Which requests may share a run and still get the very bits they would get alone. */
  public enum Mode {
    /** None: a run holds one request. */
    NONE,
    /** Those whose extents agree on every axis but the batch axis. */
    SAME_SHAPE,
    /** Also those of different lengths: shorter ones are padded and masked. */
    PADDED
  }

  /**
   * Where batching finds its way in one tensor.
   *
   * @param batchAxis the axis with one entry for each item, or -1
   * @param lengthAxis the axis that padding may lengthen, or -1
   */
  public record Axes(int batchAxis, int lengthAxis) {

    public static final Axes NONE = new Axes(-1, -1);
  }
}
