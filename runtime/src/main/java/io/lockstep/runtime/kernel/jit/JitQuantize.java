package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.PerThread;
import io.lockstep.runtime.kernel.Quantize;
import io.lockstep.runtime.kernel.Requantization;
import io.lockstep.runtime.kernel.jit.Assembler.Rounding;
import io.lockstep.runtime.kernel.jit.Expression.Input;
import io.lockstep.runtime.kernel.jit.Expression.Parameter;
import io.lockstep.runtime.kernel.jit.LoopGenerator.Element;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.List;

/**
 * Conversion between floats, 32-bit and 8-bit integers as emitted code, where AVX-512 moves single
 * bytes.
 */
final class JitQuantize implements Quantize {

  /** Elements that one call looks for a range in. */
  private static final int RANGE = 1 << 16;

  /** A range that was found. */
  private static final PerThread<MemorySegment> RESULT =
      PerThread.withInitial(() -> Arena.ofAuto().allocate(64, 64));

  private final RowKernel least;
  private final RowKernel largest;
  private final ElementLoop toBytes;
  private final ElementLoop ofSigned;
  private final ElementLoop ofUnsigned;
  private final ElementLoop sums;
  private final ElementLoop biasedSums;

  /** Kernels for AVX-512. */
  JitQuantize() {
    this.least = new RowKernel(new RangeGenerator(Isa.AVX512, Op.MINPS));
    this.largest = new RowKernel(new RangeGenerator(Isa.AVX512, Op.MAXPS));
    Expression scale = new Parameter(0);
    Expression zeroPoint = new Parameter(1);
    Expression lowest = new Parameter(2);
    Expression highest = new Parameter(3);
    Expression scaled = new Input(0).over(scale);
    this.toBytes = bytes(scaled, zeroPoint, lowest, highest, 1);
    Expression sum = new Input(0);
    Expression biased = new Expression.Binary(Op.PADDD, sum, new Input(2));
    this.sums = bytes(rescaled(sum), zeroPoint, lowest, highest, 2);
    this.biasedSums = bytes(rescaled(biased), zeroPoint, lowest, highest, 3);
    Expression number = new Expression.Unary(Op.CVTDQ2PS, new Input(0));
    Expression floats = number.minus(zeroPoint).times(scale);
    this.ofSigned = new ElementLoop(Isa.AVX512, floats, List.of(Element.SIGNED_BYTE), Element.WORD);
    this.ofUnsigned =
        new ElementLoop(Isa.AVX512, floats, List.of(Element.UNSIGNED_BYTE), Element.WORD);
  }

  private static Expression rescaled(Expression sum) {
    return new Expression.Unary(Op.CVTDQ2PS, sum).times(new Input(1));
  }

  /** A loop that rounds, ties to even, shifts, and saturates. */
  private static ElementLoop bytes(
      Expression value, Expression zeroPoint, Expression lowest, Expression highest, int inputs) {
    return new ElementLoop(
        Isa.AVX512,
        toByte(value, zeroPoint, lowest, highest),
        Collections.nCopies(inputs, Element.WORD),
        Element.UNSIGNED_BYTE);
  }

  /** Rounded, ties to even, shifted, and saturated, as an integer. */
  static Expression toByte(
      Expression value, Expression zeroPoint, Expression lowest, Expression highest) {
    Expression shifted = new Expression.Round(value, Rounding.NEAREST_EVEN).plus(zeroPoint);
    Expression above = new Expression.Binary(Op.MAXPS, lowest, shifted);
    Expression clamped = new Expression.Binary(Op.MINPS, highest, above);
    return new Expression.Unary(Op.CVTPS2DQ, clamped);
  }

  @Override
  public float min(MemorySegment x, long offset, long count) {
    float min = 0;
    for (long done = 0; done < count; done += RANGE) {
      min = Math.min(min, range(least, x, offset + done, Math.min(RANGE, count - done)));
    }
    return min;
  }

  @Override
  public float max(MemorySegment x, long offset, long count) {
    float max = 0;
    for (long done = 0; done < count; done += RANGE) {
      max = Math.max(max, range(largest, x, offset + done, Math.min(RANGE, count - done)));
    }
    return max;
  }

  private static float range(RowKernel kernel, MemorySegment x, long offset, long count) {
    MemorySegment result = RESULT.get();
    long from = Addresses.of(x, offset * Float.BYTES, count * Float.BYTES);
    kernel.run(1, (int) count, 0, 0, 0, 0, from, result.address());
    return result.get(ValueLayout.JAVA_FLOAT, 0);
  }

  @Override
  public void quantize(
      MemorySegment x,
      long xOffset,
      float scale,
      int zeroPoint,
      boolean signed,
      MemorySegment y,
      long yOffset,
      long count) {
    Parameters parameters = Parameters.ofThread();
    parameters.set(LoopGenerator.PARAMETERS_SLOT, scale, zeroPoint);
    parameters.set(
        LoopGenerator.PARAMETERS_SLOT + 1,
        signed ? Byte.MIN_VALUE : 0,
        signed ? Byte.MAX_VALUE : 255);
    toBytes.run(
        parameters,
        count,
        Addresses.of(y, yOffset, count),
        Addresses.of(x, xOffset * Float.BYTES, count * Float.BYTES));
  }

  @Override
  public void dequantize(
      MemorySegment x,
      long xOffset,
      float scale,
      int zeroPoint,
      boolean signed,
      MemorySegment y,
      long yOffset,
      long count) {
    (signed ? ofSigned : ofUnsigned)
        .run(
            scale,
            zeroPoint,
            count,
            Addresses.of(y, yOffset * Float.BYTES, count * Float.BYTES),
            Addresses.of(x, xOffset, count));
  }

  @Override
  public void requantize(
      int rows,
      int columns,
      MemorySegment x,
      long xOffset,
      Requantization requantization,
      MemorySegment y,
      long yOffset) {
    MemorySegment bias = requantization.bias();
    long count = (long) rows * columns;
    long from = Addresses.of(x, xOffset * Integer.BYTES, count * Integer.BYTES);
    long to = Addresses.of(y, yOffset, count);
    int rowsOfCall = ColumnValues.rowsOfCall(rows, columns);
    long multipliers = ColumnValues.repeated(requantization.multipliers(), columns, rowsOfCall, 0);
    long added = bias == null ? 0 : ColumnValues.repeated(bias, columns, rowsOfCall, 1);
    Parameters parameters = Parameters.ofThread();
    parameters.set(LoopGenerator.PARAMETERS_SLOT, 0, requantization.zeroPoint());
    parameters.set(
        LoopGenerator.PARAMETERS_SLOT + 1, requantization.lowest(), requantization.highest());
    long period = (long) rowsOfCall * columns;
    for (long done = 0; done < count; done += period) {
      long part = Math.min(period, count - done);
      long at = from + done * Integer.BYTES;
      if (added == 0) {
        sums.run(parameters, part, to + done, at, multipliers);
      } else {
        biasedSums.run(parameters, part, to + done, at, multipliers, added);
      }
    }
  }
}
