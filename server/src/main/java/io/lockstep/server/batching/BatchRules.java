package io.lockstep.server.batching;

import io.lockstep.runtime.BatchTraits;
import io.lockstep.runtime.BatchTraits.Axes;
import io.lockstep.runtime.BatchTraits.Mode;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How requests of one model become rows of its runs. Inputs are in the signature's order and have
 * been checked against it.
 */
public final class BatchRules {

  private final BatchTraits traits;
  private final LengthBuckets buckets;
  private final int maxBatchSize;
  private final int maxBatchTokens;

  /**
   * The rules of a model.
   *
   * @param traits with the mode to use
   * @param maxBatchSize rows of a run
   * @param maxBatchTokens positions of a run, rows times their padded length; bounds its memory
   */
  public BatchRules(
      BatchTraits traits, LengthBuckets buckets, int maxBatchSize, int maxBatchTokens) {
    this.traits = traits;
    this.buckets = buckets;
    this.maxBatchSize = maxBatchSize;
    this.maxBatchTokens = maxBatchTokens;
  }

  public BatchTraits traits() {
    return traits;
  }

  public Mode mode() {
    return traits.mode();
  }

  /** Whether the model has an axis with one entry for each item at all. */
  public boolean hasBatchAxis() {
    return traits.inputs().stream().anyMatch(axes -> axes.batchAxis() >= 0);
  }

  /** Items of a request; 1 for a model without a batch axis. */
  public int rows(List<Tensor> inputs) {
    for (int i = 0; i < inputs.size(); i++) {
      int axis = traits.inputs().get(i).batchAxis();
      if (axis >= 0) {
        return inputs.get(i).shape().extent(axis);
      }
    }
    return 1;
  }

  /** The extent of a request's length axis; 0 for a model that does not pad. */
  public int length(List<Tensor> inputs) {
    for (int i = 0; i < inputs.size() && mode() == Mode.PADDED; i++) {
      int axis = traits.inputs().get(i).lengthAxis();
      if (axis >= 0) {
        return inputs.get(i).shape().extent(axis);
      }
    }
    return 0;
  }

  /** What rows of this length are padded to when they share a run. */
  public int paddedLength(int length) {
    return mode() == Mode.PADDED ? buckets.boundary(length) : length;
  }

  /** Rows of the largest run that rows of this length may be in. */
  public int maxBatchRows(int length) {
    if (mode() == Mode.NONE) {
      return 1;
    }
    int padded = paddedLength(length);
    return padded == 0
        ? maxBatchSize
        : Math.max(1, Math.min(maxBatchSize, maxBatchTokens / padded));
  }

  /** What requests must agree on to share a run with this one. */
  Object key(List<Tensor> inputs) {
    if (mode() == Mode.NONE) {
      return new Object();
    }
    List<Shape> shapes = new ArrayList<>();
    List<Tensor> shared = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Axes axes = traits.inputs().get(i);
      Shape shape = inputs.get(i).shape();
      if (axes.batchAxis() < 0) {
        shared.add(inputs.get(i));
      } else {
        shape = shape.with(axes.batchAxis(), 1);
      }
      if (mode() == Mode.PADDED && axes.lengthAxis() >= 0) {
        shape = shape.with(axes.lengthAxis(), paddedLength(shape.extent(axes.lengthAxis())));
      }
      shapes.add(shape);
    }
    return new BatchKey(shapes, shared);
  }

  /**
   * The valid length of each row: what its mask leaves when trailing zeros are cut, or the whole
   * length. A row that is masked altogether counts as whole, since nothing of it could be valid.
   *
   * @return [rows], or null when the model does not pad
   */
  int @Nullable [] validLengths(List<Tensor> inputs) {
    if (mode() != Mode.PADDED) {
      return null;
    }
    int rows = rows(inputs);
    int length = length(inputs);
    int[] lengths = new int[rows];
    for (int row = 0; row < rows; row++) {
      lengths[row] = length;
    }
    if (traits.maskInput() >= 0) {
      Tensor mask = inputs.get(traits.maskInput()); // [rows, length]
      for (int row = 0; row < rows; row++) {
        int valid = length;
        while (valid > 0 && mask.asDouble((long) row * length + valid - 1) == 0) {
          valid--;
        }
        lengths[row] = valid == 0 ? length : valid;
      }
    }
    return lengths;
  }
}
