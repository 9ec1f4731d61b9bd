package io.lockstep.runtime.kernel.scalar;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Conv;
import io.lockstep.runtime.kernel.ConvGeometry;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.Quantize;
import io.lockstep.runtime.kernel.Requantization;
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

  private record Filters(MemorySegment data) implements PackedFilters {}

  private final ScalarElementwise elementwise;
  private final Quantize quantize;

  ScalarConv(ScalarElementwise elementwise, Quantize quantize) {
    this.elementwise = elementwise;
    this.quantize = quantize;
  }

  @Override
  public PackedFilters pack(Tensor weights, int groups, TensorArena owner) {
    return new Filters(owner.copyOf(weights).segment());
  }

  @Override
  public PackedFilters packQuant(
      Tensor weights, int groups, @Nullable Tensor zeroPoint, TensorArena owner) {
    Tensor differences = owner.allocate(weights.type().withDType(DType.INT32));
    int filters = weights.shape().extent(0);
    long perFilter = filters == 0 ? 0 : weights.size() / filters;
    for (long i = 0; i < weights.size(); i++) {
      long zero =
          zeroPoint == null ? 0 : zeroPoint.asLong(zeroPoint.size() == 1 ? 0 : i / perFilter);
      differences.setInt(i, (int) (weights.asLong(i) - zero));
    }
    return new Filters(differences.segment());
  }

  /** The product at one tap of one filter. */
  @FunctionalInterface
  private interface Tap {
    void add(long weight, long input);
  }

  /** The taps of an output inside the image, by kernel row, kernel column, channel. */
  private static void forEachTap(ConvGeometry g, long output, Tap tap) {
    int filter = (int) (output % g.filters());
    long pixel = output / g.filters();
    int ox = (int) (pixel % g.outputWidth());
    int oy = (int) (pixel / g.outputWidth() % g.outputHeight());
    long image = pixel / g.outputSize() * g.inputSize();
    int channels = g.channels() / g.groups();
    int firstChannel = filter / (g.filters() / g.groups()) * channels;
    int kernel = g.kernelHeight() * g.kernelWidth();
    for (int k = 0; k < kernel; k++) {
      int iy = oy * g.strideHeight() - g.padTop() + k / g.kernelWidth() * g.dilationHeight();
      int ix = ox * g.strideWidth() - g.padLeft() + k % g.kernelWidth() * g.dilationWidth();
      if (iy >= 0 && iy < g.height() && ix >= 0 && ix < g.width()) {
        long input = (image + (long) iy * g.width() + ix) * g.channels() + firstChannel;
        for (int channel = 0; channel < channels; channel++) {
          tap.add(((long) filter * channels + channel) * kernel + k, input + channel);
        }
      }
    }
  }

  @Override
  public void convF32(
      int images,
      ConvGeometry g,
      MemorySegment x,
      PackedFilters filters,
      Epilogue epilogue,
      MemorySegment workspace,
      MemorySegment y,
      ComputePool pool) {
    MemorySegment weights = ((Filters) filters).data();
    MemorySegment bias = epilogue.bias();
    MemorySegment residual = epilogue.residual();
    float[] sum = new float[1];
    long outputs = (long) images * g.outputSize() * g.filters();
    for (long out = 0; out < outputs; out++) {
      sum[0] = 0;
      forEachTap(
          g,
          out,
          (weight, input) ->
              sum[0] = Math.fma(Floats.get(weights, weight), Floats.get(x, input), sum[0]));
      float value = bias == null ? sum[0] : sum[0] + Floats.get(bias, out % g.filters());
      Floats.set(y, out, residual == null ? value : value + Floats.get(residual, out));
    }
    elementwise.unary(epilogue.activation(), y, 0, y, 0, outputs);
  }

  @Override
  public long workspaceBytes(int images, ConvGeometry g, PackedFilters filters, int threads) {
    return (long) images * g.outputSize() * g.filters() * Integer.BYTES;
  }

  @Override
  public void convI32(
      int images,
      ConvGeometry g,
      MemorySegment x,
      boolean xSigned,
      int xZeroPoint,
      PackedFilters filters,
      MemorySegment workspace,
      MemorySegment y,
      ComputePool pool) {
    MemorySegment weights = ((Filters) filters).data();
    int[] sum = new int[1];
    for (long out = 0; out < (long) images * g.outputSize() * g.filters(); out++) {
      sum[0] = 0;
      forEachTap(
          g,
          out,
          (weight, input) ->
              sum[0] +=
                  Floats.getInt(weights, weight)
                      * (Floats.getByte(x, input, xSigned) - xZeroPoint));
      Floats.setInt(y, out, sum[0]);
    }
  }

  @Override
  public void convQ8(
      int images,
      ConvGeometry g,
      MemorySegment x,
      boolean xSigned,
      int xZeroPoint,
      PackedFilters filters,
      Requantization requantization,
      MemorySegment workspace,
      MemorySegment y,
      ComputePool pool) {
    convI32(images, g, x, xSigned, xZeroPoint, filters, workspace, workspace, pool);
    int pixels = images * g.outputSize();
    quantize.requantize(pixels, g.filters(), workspace, 0, requantization, y, 0);
  }
}
