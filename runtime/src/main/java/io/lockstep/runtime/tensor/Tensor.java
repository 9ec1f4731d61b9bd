package io.lockstep.runtime.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A contiguous row-major view of elements that somebody else owns (a {@link TensorArena}, a mapped
 * file or a plan's arena). Element access here is for edges, oracles and tests; kernels take the
 * {@link #segment()}.
 */
public final class Tensor {

  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;

  private final TensorType type;
  private final MemorySegment segment;
  private final byte @Nullable [][] strings;

  private Tensor(TensorType type, MemorySegment segment, byte @Nullable [][] strings) {
    this.type = type;
    this.segment = segment;
    this.strings = strings;
  }

  /** A view of {@code type.bytes()} bytes at the start of {@code segment}. */
  public static Tensor of(TensorType type, MemorySegment segment) {
    if (type.dtype() == DType.STRING) {
      return ofStrings(type.shape(), new byte[type.shape().intSize()][]);
    }
    return new Tensor(type, segment.asSlice(0, type.bytes()), null);
  }

  /** A tensor of text; the array is shared, not copied. */
  public static Tensor ofStrings(Shape shape, byte[][] elements) {
    if (elements.length != shape.size()) {
      throw new IllegalArgumentException(elements.length + " strings for shape " + shape);
    }
    return new Tensor(new TensorType(DType.STRING, shape), MemorySegment.NULL, elements);
  }

  public TensorType type() {
    return type;
  }

  public DType dtype() {
    return type.dtype();
  }

  public Shape shape() {
    return type.shape();
  }

  /** The number of elements. */
  public long size() {
    return type.shape().size();
  }

  /** Exactly the bytes of the elements; {@link MemorySegment#NULL} for text. */
  public MemorySegment segment() {
    return segment;
  }

  /** The elements of a text tensor, shared. */
  public byte[][] strings() {
    if (strings == null) {
      throw new IllegalStateException(type + " holds no text");
    }
    return strings;
  }

  public String getString(long index) {
    byte[] bytes = strings()[(int) index];
    return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
  }

  public void setString(long index, String value) {
    strings()[(int) index] = value.getBytes(StandardCharsets.UTF_8);
  }

  /** The same elements under another shape of equal size. */
  public Tensor reshaped(Shape shape) {
    if (shape.size() != size()) {
      throw new IllegalArgumentException("reshape " + type + " to " + shape);
    }
    return new Tensor(type.withShape(shape), segment, strings);
  }

  public byte getByte(long index) {
    return segment.get(ValueLayout.JAVA_BYTE, index);
  }

  public void setByte(long index, byte value) {
    segment.set(ValueLayout.JAVA_BYTE, index, value);
  }

  public boolean getBoolean(long index) {
    return getByte(index) != 0;
  }

  public void setBoolean(long index, boolean value) {
    setByte(index, (byte) (value ? 1 : 0));
  }

  public short getShort(long index) {
    return segment.get(SHORT, index * Short.BYTES);
  }

  public void setShort(long index, short value) {
    segment.set(SHORT, index * Short.BYTES, value);
  }

  public int getInt(long index) {
    return segment.get(INT, index * Integer.BYTES);
  }

  public void setInt(long index, int value) {
    segment.set(INT, index * Integer.BYTES, value);
  }

  public long getLong(long index) {
    return segment.get(LONG, index * Long.BYTES);
  }

  public void setLong(long index, long value) {
    segment.set(LONG, index * Long.BYTES, value);
  }

  public float getFloat(long index) {
    return segment.get(FLOAT, index * Float.BYTES);
  }

  public void setFloat(long index, float value) {
    segment.set(FLOAT, index * Float.BYTES, value);
  }

  public double getDouble(long index) {
    return segment.get(DOUBLE, index * Double.BYTES);
  }

  public void setDouble(long index, double value) {
    segment.set(DOUBLE, index * Double.BYTES, value);
  }

  /** The element as a double, whatever numeric type it has; 64-bit integers may round. */
  public double asDouble(long index) {
    return switch (dtype()) {
      case FLOAT32 -> getFloat(index);
      case FLOAT64 -> getDouble(index);
      case FLOAT16 -> Float.float16ToFloat(getShort(index));
      case BFLOAT16 -> BFloat16.toFloat(getShort(index));
      case UINT64 -> unsignedToDouble(getLong(index));
      case BOOL, UINT8, INT8, UINT16, INT16, UINT32, INT32, INT64 -> asLong(index);
      case STRING -> throw new IllegalStateException("text has no numeric value");
    };
  }

  /** The element as a long; floats are truncated, unsigned 64-bit values keep their bits. */
  public long asLong(long index) {
    return switch (dtype()) {
      case BOOL, UINT8 -> Byte.toUnsignedLong(getByte(index));
      case INT8 -> getByte(index);
      case UINT16 -> Short.toUnsignedLong(getShort(index));
      case INT16 -> getShort(index);
      case UINT32 -> Integer.toUnsignedLong(getInt(index));
      case INT32 -> getInt(index);
      case UINT64, INT64 -> getLong(index);
      case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> (long) asDouble(index);
      case STRING -> throw new IllegalStateException("text has no numeric value");
    };
  }

  /** Stores a double, rounded to the element's type; integers truncate and wrap. */
  public void setFromDouble(long index, double value) {
    switch (dtype()) {
      case FLOAT32 -> setFloat(index, (float) value);
      case FLOAT64 -> setDouble(index, value);
      case FLOAT16 -> setShort(index, Float.floatToFloat16((float) value));
      case BFLOAT16 -> setShort(index, BFloat16.ofFloat((float) value));
      case BOOL -> setBoolean(index, value != 0);
      case UINT64 -> setLong(index, doubleToUnsigned(value));
      case UINT8, INT8, UINT16, INT16, UINT32, INT32, INT64 -> setFromLong(index, (long) value);
      case STRING -> throw new IllegalStateException("text has no numeric value");
    }
  }

  /** Stores the low bits of a long, or its value for a floating-point type. */
  public void setFromLong(long index, long value) {
    switch (dtype()) {
      case BOOL -> setBoolean(index, value != 0);
      case UINT8, INT8 -> setByte(index, (byte) value);
      case UINT16, INT16 -> setShort(index, (short) value);
      case UINT32, INT32 -> setInt(index, (int) value);
      case UINT64, INT64 -> setLong(index, value);
      case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> setFromDouble(index, (double) value);
      case STRING -> throw new IllegalStateException("text has no numeric value");
    }
  }

  /** Copies all elements of {@code source}, which has the same element type and size. */
  public void copyFrom(Tensor source) {
    if (source.dtype() != dtype() || source.size() != size()) {
      throw new IllegalArgumentException("copy " + source.type + " to " + type);
    }
    if (strings != null) {
      System.arraycopy(source.strings(), 0, strings, 0, strings.length);
    } else {
      segment.copyFrom(source.segment);
    }
  }

  /** The elements as longs, for shapes, axes and indices. */
  public long[] toLongs() {
    long[] values = new long[type.shape().intSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = asLong(i);
    }
    return values;
  }

  /** The elements as floats. */
  public float[] toFloats() {
    float[] values = new float[type.shape().intSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) asDouble(i);
    }
    return values;
  }

  @Override
  public String toString() {
    return "Tensor " + type;
  }

  private static double unsignedToDouble(long bits) {
    return bits >= 0 ? (double) bits : (double) ((bits >>> 1) | (bits & 1)) * 2.0;
  }

  private static long doubleToUnsigned(double value) {
    double two63 = 0x1p63;
    return value < two63 ? (long) value : (long) (value - two63) + Long.MIN_VALUE;
  }
}
