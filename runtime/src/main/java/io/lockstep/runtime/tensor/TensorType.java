package io.lockstep.runtime.tensor;

/** The element type and the shape of a tensor. */
public record TensorType(DType dtype, Shape shape) {

  public static TensorType of(DType dtype, int... extents) {
    return new TensorType(dtype, Shape.of(extents));
  }

  /** Bytes the elements take in native memory. */
  public long bytes() {
    return Math.multiplyExact(shape.size(), dtype.bytes());
  }

  public TensorType withShape(Shape newShape) {
    return new TensorType(dtype, newShape);
  }

  public TensorType withDType(DType newDType) {
    return new TensorType(newDType, shape);
  }

  @Override
  public String toString() {
    return dtype + shape.toString();
  }
}
