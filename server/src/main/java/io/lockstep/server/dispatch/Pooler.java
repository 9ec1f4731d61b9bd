package io.lockstep.server.dispatch;

import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.server.serving.Pooling;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Makes one vector of a model's answer for one text. */
final class Pooler {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final Pooling pooling;
  private final boolean normalize;
  private final int dimensions;

  /**
   * A pooler.
   *
   * @param dimensions leading elements to keep before normalising; 0 for all
   */
  Pooler(Pooling pooling, boolean normalize, int dimensions) {
    this.pooling = pooling;
    this.normalize = normalize;
    this.dimensions = dimensions;
  }

  /**
   * The vector of a text.
   *
   * @param output [1, tokens, width], or [1, width] from a model that pools by itself
   * @return [dimensions, or width when 0]
   */
  float[] vector(Tensor output) {
    int rank = output.shape().rank();
    int width = output.shape().extent(-1);
    int tokens = rank == 3 ? output.shape().extent(1) : 1;
    float[] vector =
        switch (rank == 3 ? pooling : Pooling.CLS) {
          case MEAN -> mean(output, tokens, width);
          case CLS -> row(output, 0, width);
          case LAST -> row(output, tokens - 1, width);
        };
    if (dimensions > 0 && dimensions < width) {
      vector = Arrays.copyOf(vector, dimensions);
    }
    if (normalize) {
      normalize(vector);
    }
    return vector;
  }

  private static float[] row(Tensor output, int token, int width) {
    float[] row = new float[width];
    copyRow(output, token, row);
    return row;
  }

  private static void copyRow(Tensor output, int token, float[] row) {
    long first = (long) token * row.length;
    if (output.dtype() == DType.FLOAT32) {
      MemorySegment.copy(output.segment(), FLOAT, first * Float.BYTES, row, 0, row.length);
      return;
    }
    for (int i = 0; i < row.length; i++) {
      row[i] = (float) output.asDouble(first + i);
    }
  }

  /** Sums in double and in the order of the tokens, so that the bits depend on nothing else. */
  private static float[] mean(Tensor output, int tokens, int width) {
    double[] sums = new double[width];
    float[] row = new float[width];
    for (int token = 0; token < tokens; token++) {
      copyRow(output, token, row);
      for (int i = 0; i < width; i++) {
        sums[i] += row[i];
      }
    }
    float[] mean = new float[width];
    for (int i = 0; i < width; i++) {
      mean[i] = (float) (sums[i] / tokens);
    }
    return mean;
  }

  /** Scales to length 1; the zero vector stays what it is. */
  private static void normalize(float[] vector) {
    double squares = 0;
    for (float element : vector) {
      squares += (double) element * element;
    }
    double length = Math.sqrt(squares);
    for (int i = 0; length > 0 && i < vector.length; i++) {
      vector[i] = (float) (vector[i] / length);
    }
  }
}
