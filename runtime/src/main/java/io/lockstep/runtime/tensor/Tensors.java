package io.lockstep.runtime.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * Small tensors from literals, for constants and tests. Their memory belongs to the garbage
 * collector, so nothing large is made here.
 */
public final class Tensors {

  private Tensors() {}

  public static Tensor ofFloats(Shape shape, float... values) {
    return copy(DType.FLOAT32, shape, MemorySegment.ofArray(values), values.length);
  }

  public static Tensor ofDoubles(Shape shape, double... values) {
    return copy(DType.FLOAT64, shape, MemorySegment.ofArray(values), values.length);
  }

  public static Tensor ofInts(Shape shape, int... values) {
    return copy(DType.INT32, shape, MemorySegment.ofArray(values), values.length);
  }

  public static Tensor ofLongs(Shape shape, long... values) {
    return copy(DType.INT64, shape, MemorySegment.ofArray(values), values.length);
  }

  /** Elements of INT8, UINT8 or BOOL. */
  public static Tensor ofBytes(DType dtype, Shape shape, byte... values) {
    return copy(dtype, shape, MemorySegment.ofArray(values), values.length);
  }

  public static Tensor ofBooleans(Shape shape, boolean... values) {
    Tensor tensor = zeros(new TensorType(DType.BOOL, shape));
    for (int i = 0; i < values.length; i++) {
      tensor.setBoolean(i, values[i]);
    }
    return tensor;
  }

  public static Tensor ofStrings(Shape shape, String... values) {
    byte[][] bytes = new byte[values.length][];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = values[i].getBytes(StandardCharsets.UTF_8);
    }
    return Tensor.ofStrings(shape, bytes);
  }

  /** A one-dimensional INT64 tensor, the form of shapes and axes. */
  public static Tensor vector(long... values) {
    return ofLongs(Shape.of(values.length), values);
  }

  public static Tensor scalar(float value) {
    return ofFloats(Shape.scalar(), value);
  }

  public static Tensor scalar(long value) {
    return ofLongs(Shape.scalar(), value);
  }

  /** A zeroed tensor owned by the garbage collector. */
  public static Tensor zeros(TensorType type) {
    if (type.dtype() == DType.STRING) {
      return Tensor.of(type, MemorySegment.NULL);
    }
    long bytes = type.bytes();
    return Tensor.of(
        type, Arena.ofAuto().allocate(Math.max(bytes, 1), TensorArena.ALIGNMENT).asSlice(0, bytes));
  }

  private static Tensor copy(DType dtype, Shape shape, MemorySegment source, int count) {
    if (count != shape.size()) {
      throw new IllegalArgumentException(count + " values for shape " + shape);
    }
    Tensor tensor = zeros(new TensorType(dtype, shape));
    MemorySegment.copy(source, 0, tensor.segment(), 0, source.byteSize());
    return tensor;
  }
}
