package io.lockstep.runtime.kernel.scalar;

import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Conv;
import io.lockstep.runtime.kernel.ConvGeometry;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Convolution, one output after the other. Packed: the filters as they are; of 8-bit ones, int32
 * differences from their zero point.
 */
final class ScalarConv implements Conv {

  private final ScalarElementwise elementwise;

  ScalarConv(ScalarElementwise elementwise) {
    this.elementwise = elementwise;
  }

  @Override
  public PackedFilters pack(Tensor weights, int groups, TensorArena owner) {
    Tensor copy = owner.copyOf(weights);
    return new PackedFilters(weights.shape().extent(0), groups, copy.segment());
  }

  @Override
  public PackedQuantFilters packQuant(
      Tensor weights, int groups, @Nullable Tensor zeroPoint, TensorArena owner) {
    Tensor differences = owner.allocate(weights.type().withDType(DType.INT32));
    int filters = weights.shape().extent(0);
    long perFilter = filters == 0 ? 0 : weights.size() / filters;
    for (long i = 0; i < weights.size(); i++) {
      long zero =
          zeroPoint == null ? 0 : zeroPoint.asLong(zeroPoint.size() == 1 ? 0 : i / perFilter);
      differences.setInt(i, (int) (weights.asLong(i) - zero));
    }
    return new PackedQuantFilters(filters, groups, differences.segment());
  }

  /** The product at one tap of one filter. */
  @FunctionalInterface
  private interface Tap {
    void add(long weight, long input);
  }

  private static void forEachTap(ConvGeometry g, int filter, int oy, int ox, Tap tap) {
    int channelsPerGroup = g.channels() / g.groups();
    int firstChannel = filter / (g.filters() / g.groups()) * channelsPerGroup;
    long weight = (long) filter * channelsPerGroup * g.kernelHeight() * g.kernelWidth();
    for (int channel = 0; channel < channelsPerGroup; channel++) {
      long plane = (long) (firstChannel + channel) * g.inputSize();
      for (int ky = 0; ky < g.kernelHeight(); ky++) {
        int iy = oy * g.strideHeight() - g.padTop() + ky * g.dilationHeight();
        for (int kx = 0; kx < g.kernelWidth(); kx++) {
          int ix = ox * g.strideWidth() - g.padLeft() + kx * g.dilationWidth();
          if (iy >= 0 && iy < g.height() && ix >= 0 && ix < g.width()) {
            tap.add(weight, plane + (long) iy * g.width() + ix);
          }
          weight++;
        }
      }
    }
  }

  @Override
  public void convF32(
      ConvGeometry g,
      MemorySegment x,
      long xOffset,
      PackedFilters filters,
      @Nullable MemorySegment bias,
      @Nullable MemorySegment residual,
      Activation activation,
      MemorySegment workspace,
      MemorySegment y,
      long yOffset,
      ComputePool pool) {
    float[] sum = new float[1];
    long out = yOffset;
    for (int filter = 0; filter < g.filters(); filter++) {
      for (int oy = 0; oy < g.outputHeight(); oy++) {
        for (int ox = 0; ox < g.outputWidth(); ox++, out++) {
          sum[0] = 0;
          forEachTap(
              g,
              filter,
              oy,
              ox,
              (weight, input) ->
                  sum[0] =
                      Math.fma(
                          Floats.get(filters.data(), weight),
                          Floats.get(x, xOffset + input),
                          sum[0]));
          float value = bias == null ? sum[0] : sum[0] + Floats.get(bias, filter);
          Floats.set(y, out, residual == null ? value : value + Floats.get(residual, out));
        }
      }
    }
    elementwise.unary(activation, y, yOffset, y, yOffset, out - yOffset);
  }

  @Override
  public long workspaceBytes(ConvGeometry geometry, int threads) {
    return 0;
  }

  @Override
  public void convI32(
      ConvGeometry g,
      MemorySegment x,
      long xOffset,
      boolean xSigned,
      int xZeroPoint,
      PackedQuantFilters filters,
      MemorySegment workspace,
      MemorySegment y,
      long yOffset,
      ComputePool pool) {
    int[] sum = new int[1];
    long out = yOffset;
    for (int filter = 0; filter < g.filters(); filter++) {
      for (int oy = 0; oy < g.outputHeight(); oy++) {
        for (int ox = 0; ox < g.outputWidth(); ox++) {
          sum[0] = 0;
          forEachTap(
              g,
              filter,
              oy,
              ox,
              (weight, input) ->
                  sum[0] +=
                      Floats.getInt(filters.data(), weight)
                          * (Floats.getByte(x, xOffset + input, xSigned) - xZeroPoint));
          Floats.setInt(y, out++, sum[0]);
        }
      }
    }
  }

  @Override
  public long quantWorkspaceBytes(ConvGeometry geometry, int threads) {
    return 0;
  }
}
