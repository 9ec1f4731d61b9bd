package io.lockstep.runtime.kernel.vector;

import io.lockstep.runtime.kernel.Quantize;
import io.lockstep.runtime.kernel.Requantization;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Conversion between floats and 8-bit integers. */
final class VectorQuantize implements Quantize {

  /**
   * As many bytes as there are floats in a vector; at least 64 bits, so for 128-bit vectors two.
   */
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, Lanes.COUNT * 8)));

  private static final int STEP = BYTES.length();
  private static final int PARTS = STEP / Lanes.COUNT;

  /** Adding and subtracting it rounds to the nearest integer, ties to even: 1.5 * 2^23. */
  private static final float ROUNDER = 12582912f;

  /** Beyond this everything saturates, whatever the zero point; keeps the rounding trick exact. */
  private static final float FAR = 1024f;

  @Override
  public float min(MemorySegment x, long offset, long count) {
    FloatVector min = Lanes.all(0);
    long start = offset * Float.BYTES;
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x, start + i * Float.BYTES);
      min = min.blend(v, v.compare(VectorOperators.LT, min));
    }
    if (i < count) {
      FloatVector v = Lanes.load(x, start + i * Float.BYTES, Lanes.tail(i, count));
      min = min.blend(v, v.compare(VectorOperators.LT, min));
    }
    return min.reduceLanes(VectorOperators.MIN);
  }

  @Override
  public float max(MemorySegment x, long offset, long count) {
    FloatVector max = Lanes.all(0);
    long start = offset * Float.BYTES;
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x, start + i * Float.BYTES);
      max = max.blend(v, v.compare(VectorOperators.GT, max));
    }
    if (i < count) {
      FloatVector v = Lanes.load(x, start + i * Float.BYTES, Lanes.tail(i, count));
      max = max.blend(v, v.compare(VectorOperators.GT, max));
    }
    return max.reduceLanes(VectorOperators.MAX);
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
    int lowest = signed ? Byte.MIN_VALUE : 0;
    int highest = signed ? Byte.MAX_VALUE : 255;
    long i = 0;
    for (; PARTS == 1 && i <= count - STEP; i += STEP) {
      FloatVector v = Lanes.load(x, (xOffset + i) * Float.BYTES).div(scale);
      toBytes(v, zeroPoint, lowest, highest)
          .intoMemorySegment(y, yOffset + i, ByteOrder.LITTLE_ENDIAN);
    }
    for (; i < count; i++) {
      float v = x.get(Lanes.FLOAT, (xOffset + i) * Float.BYTES) / scale;
      setByte(y, yOffset + i, Math.rint(v) + zeroPoint, lowest, highest);
    }
  }

  private static ByteVector toBytes(FloatVector v, int zeroPoint, int lowest, int highest) {
    FloatVector rounded = v.max(-FAR).min(FAR).add(ROUNDER).sub(ROUNDER).add(zeroPoint);
    FloatVector saturated = rounded.max(lowest).min(highest);
    IntVector ints = (IntVector) saturated.convert(VectorOperators.F2I, 0);
    return (ByteVector) ints.convertShape(VectorOperators.I2B, BYTES, 0);
  }

  private static void setByte(MemorySegment y, long offset, double value, int lowest, int highest) {
    int saturated = (int) Math.max(lowest, Math.min(highest, value));
    y.set(java.lang.foreign.ValueLayout.JAVA_BYTE, offset, (byte) saturated);
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
    int mask = signed ? -1 : 0xff;
    long i = 0;
    for (; PARTS == 1 && i <= count - STEP; i += STEP) {
      IntVector ints = bytes(x, xOffset + i).and(mask).sub(zeroPoint);
      FloatVector v = ((FloatVector) ints.convert(VectorOperators.I2F, 0)).mul(scale);
      Lanes.store(v, y, (yOffset + i) * Float.BYTES);
    }
    for (; i < count; i++) {
      int value = x.get(java.lang.foreign.ValueLayout.JAVA_BYTE, xOffset + i) & mask;
      y.set(Lanes.FLOAT, (yOffset + i) * Float.BYTES, (value - zeroPoint) * scale);
    }
  }

  /** The next bytes, sign-extended; one vector of them, when a vector holds at least eight. */
  static IntVector bytes(MemorySegment x, long offset) {
    return (IntVector)
        ByteVector.fromMemorySegment(BYTES, x, offset, ByteOrder.LITTLE_ENDIAN)
            .convertShape(VectorOperators.B2I, Lanes.INTS, 0);
  }

  /** Whether {@link #bytes} fills a vector exactly. */
  static boolean loadsWholeVectors() {
    return PARTS == 1;
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
    for (int row = 0; row < rows; row++) {
      long first = (long) row * columns;
      requantizeRow(columns, x, xOffset + first, requantization, y, yOffset + first);
    }
  }

  private static void requantizeRow(
      int columns, MemorySegment x, long xOffset, Requantization r, MemorySegment y, long yOffset) {
    MemorySegment bias = r.bias();
    int i = 0;
    for (; PARTS == 1 && i <= columns - STEP; i += STEP) {
      long column = (long) i * Integer.BYTES;
      IntVector sum = Lanes.loadInts(x, xOffset * Integer.BYTES + column);
      if (bias != null) {
        sum = sum.add(Lanes.loadInts(bias, column));
      }
      FloatVector v = (FloatVector) sum.convert(VectorOperators.I2F, 0);
      toBytes(v.mul(Lanes.load(r.multipliers(), column)), r.zeroPoint(), r.lowest(), r.highest())
          .intoMemorySegment(y, yOffset + i, ByteOrder.LITTLE_ENDIAN);
    }
    for (; i < columns; i++) {
      long column = (long) i * Integer.BYTES;
      int added = bias == null ? 0 : bias.get(Lanes.INT, column);
      int sum = x.get(Lanes.INT, xOffset * Integer.BYTES + column) + added;
      double rounded = Math.rint(sum * r.multipliers().get(Lanes.FLOAT, column)) + r.zeroPoint();
      setByte(y, yOffset + i, rounded, r.lowest(), r.highest());
    }
  }
}
