package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.RunContext;
import io.lockstep.runtime.kernel.Elementwise;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * y = factor[c] x + offset[c] over x [batch, channels, plane]: what normalisations come down to
 * once their statistics are known. Factors and offsets live in the workspace.
 */
final class ChannelAffine {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final DType dtype;
  private final int batch;
  private final int channels;
  private final int plane;

  ChannelAffine(DType dtype, long size, int channels, int batch) {
    this.dtype = dtype;
    this.channels = channels;
    this.batch = batch;
    this.plane = size == 0 ? 0 : Math.toIntExact(size / ((long) channels * batch));
  }

  /** Factors, then offsets: doubles [2, channels]; then the same as floats. */
  long workspaceBytes() {
    return 2L * channels * (Double.BYTES + Float.BYTES);
  }

  void set(RunContext run, int channel, double factor, double offset) {
    run.workspace().setAtIndex(ValueLayout.JAVA_DOUBLE, channel, factor);
    run.workspace().setAtIndex(ValueLayout.JAVA_DOUBLE, channels + channel, offset);
  }

  void run(Tensor x, Tensor y, Elementwise kernel, RunContext run) {
    MemorySegment parameters = run.workspace();
    if (dtype == DType.FLOAT32 && plane == 1) {
      pixels(x.segment(), y.segment(), kernel, run);
      return;
    }
    run.pool()
        .parallelFor(
            batch * channels,
            Math.max(1, 16384 / Math.max(1, plane)),
            (from, to) -> {
              for (int row = from; row < to; row++) {
                int channel = row % channels;
                double factor = parameters.getAtIndex(ValueLayout.JAVA_DOUBLE, channel);
                double offset = parameters.getAtIndex(ValueLayout.JAVA_DOUBLE, channels + channel);
                plane(x, y, (long) row * plane, factor, offset);
              }
            });
  }

  /** Images with their channels last. */
  private void pixels(MemorySegment x, MemorySegment y, Elementwise kernel, RunContext run) {
    long doubles = 2L * channels * Double.BYTES;
    long bytes = (long) channels * Float.BYTES;
    MemorySegment factors = run.workspace().asSlice(doubles, bytes);
    MemorySegment offsets = run.workspace().asSlice(doubles + bytes, bytes);
    for (int c = 0; c < channels; c++) {
      double factor = run.workspace().getAtIndex(ValueLayout.JAVA_DOUBLE, c);
      double offset = run.workspace().getAtIndex(ValueLayout.JAVA_DOUBLE, channels + c);
      factors.setAtIndex(FLOAT, c, (float) factor);
      offsets.setAtIndex(FLOAT, c, (float) offset);
    }
    run.pool()
        .parallelFor(
            batch,
            Math.max(1, 16384 / Math.max(1, channels)),
            (from, to) -> {
              long at = (long) from * channels;
              kernel.affine(to - from, channels, x, at, factors, offsets, y, at);
            });
  }

  private void plane(Tensor x, Tensor y, long first, double factor, double offset) {
    if (dtype == DType.FLOAT32) {
      floats(x.segment(), y.segment(), first, (float) factor, (float) offset);
      return;
    }
    for (long i = first; i < first + plane; i++) {
      y.setFromDouble(i, x.asDouble(i) * factor + offset);
    }
  }

  private void floats(MemorySegment x, MemorySegment y, long first, float factor, float offset) {
    for (int i = 0; i < plane; i++) {
      long at = (first + i) * Float.BYTES;
      y.set(FLOAT, at, x.get(FLOAT, at) * factor + offset);
    }
  }

  /** The mean of a channel over the whole batch. */
  double mean(Tensor x, int channel) {
    double sum = 0;
    for (int image = 0; image < batch; image++) {
      long first = ((long) image * channels + channel) * plane;
      for (int i = 0; i < plane; i++) {
        sum += x.asDouble(first + i);
      }
    }
    return sum / ((double) batch * plane);
  }

  /** The mean squared deviation of a channel over the whole batch. */
  double variance(Tensor x, int channel, double mean) {
    double sum = 0;
    for (int image = 0; image < batch; image++) {
      long first = ((long) image * channels + channel) * plane;
      for (int i = 0; i < plane; i++) {
        double deviation = x.asDouble(first + i) - mean;
        sum += deviation * deviation;
      }
    }
    return sum / ((double) batch * plane);
  }
}
