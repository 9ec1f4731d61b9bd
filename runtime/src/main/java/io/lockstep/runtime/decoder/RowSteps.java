package io.lockstep.runtime.decoder;

import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.KernelSet;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What a step does to each row by itself, between products: on several threads if there are
 * elements enough. Rows are rows of floats, one behind the other.
 */
final class RowSteps {

  /** Elements that are worth another thread. */
  private static final int THREAD_ELEMENTS = 16_384;

  private final DecoderConfig config;
  private final KernelSet kernels;
  private final ComputePool pool;
  private final Activation activation;

  RowSteps(DecoderConfig config, KernelSet kernels, ComputePool pool) {
    this.config = config;
    this.kernels = kernels;
    this.pool = pool;
    this.activation = new Activation(config.style().activation(), 1, 0);
  }

  /** Runs {@code body} for ranges of rows of {@code width} elements. */
  void run(int rows, int width, ComputePool.RangeBody body) {
    pool.parallelFor(rows, Math.max(1, THREAD_ELEMENTS / width), body);
  }

  /** y = norm(x), float [rows, width]. */
  void norm(int rows, DecoderWeights.Norm norm, MemorySegment x, MemorySegment y) {
    int width = config.width();
    float epsilon = config.normEpsilon();
    boolean normalizesMean = config.style().normalizesMean();
    MemorySegment gamma = norm.gamma();
    run(
        rows,
        width,
        (from, to) -> {
          long at = (long) from * width;
          int count = to - from;
          if (normalizesMean) {
            kernels.reduce().layerNorm(count, width, epsilon, gamma, norm.beta(), x, at, y, at);
          } else {
            kernels.reduce().rmsNorm(count, width, epsilon, gamma, x, at, y, at);
          }
        });
  }

  /**
   * Normalises each head of a range of rows, if the architecture does.
   *
   * @param gamma float [headSize]
   * @param x float [rows, heads, headSize]
   */
  void normHeads(int from, int to, int heads, @Nullable MemorySegment gamma, MemorySegment x) {
    if (gamma != null) {
      int size = config.headSize();
      int count = (to - from) * heads;
      long at = (long) from * heads * size;
      kernels.reduce().rmsNorm(count, size, config.normEpsilon(), gamma, x, at, x, at);
    }
  }

  /** x += norm(y), or y as it is; float [rows, width], of which y may change. */
  void addNormed(int rows, DecoderWeights.@Nullable Norm norm, MemorySegment x, MemorySegment y) {
    if (norm != null) {
      norm(rows, norm, y, y);
    }
    int width = config.width();
    run(
        rows,
        width,
        (from, to) -> {
          long at = (long) from * width;
          long count = (long) (to - from) * width;
          kernels.elementwise().binary(BinaryFunction.ADD, x, at, y, at, x, at, count);
        });
  }

  /** up = activation(gate) * up, or activation(up) without a gate; float [rows, feedForward]. */
  void activate(int rows, @Nullable MemorySegment gate, MemorySegment up) {
    int width = config.feedForward();
    MemorySegment x = gate == null ? up : gate;
    run(
        rows,
        width,
        (from, to) -> {
          long at = (long) from * width;
          long count = (long) (to - from) * width;
          kernels.elementwise().unary(activation, x, at, x, at, count);
          if (gate != null) {
            kernels.elementwise().binary(BinaryFunction.MUL, x, at, up, at, up, at, count);
          }
        });
  }
}
