package io.lockstep.runtime.operator;

import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;

/** Moves and orders single elements of any type. */
final class Elements {

  private Elements() {}

  /** Copies one element between tensors of the same type. */
  static void copy(Tensor from, long source, Tensor to, long target) {
    if (from.dtype() == DType.STRING) {
      to.strings()[(int) target] = from.strings()[(int) source];
      return;
    }
    switch (from.dtype().bytes()) {
      case 1 -> to.setByte(target, from.getByte(source));
      case 2 -> to.setShort(target, from.getShort(source));
      case 4 -> to.setInt(target, from.getInt(source));
      default -> to.setLong(target, from.getLong(source));
    }
  }

  /**
   * Orders two elements of the same type: negative, zero or positive as {@code x[i]} is smaller,
   * equal or larger than {@code y[j]}. A NaN equals itself and is larger than everything else.
   */
  static int compare(Tensor x, long i, Tensor y, long j) {
    return switch (x.dtype()) {
      case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> {
        double left = x.asDouble(i);
        double right = y.asDouble(j);
        // 0 and -0 are equal, which Double.compare denies.
        yield left == right ? 0 : Double.compare(left, right);
      }
      case UINT64 -> Long.compareUnsigned(x.getLong(i), y.getLong(j));
      case BOOL, UINT8, INT8, UINT16, INT16, UINT32, INT32, INT64 ->
          Long.compare(x.asLong(i), y.asLong(j));
      case STRING -> x.getString(i).compareTo(y.getString(j));
    };
  }

  /** Whether an element is a NaN. */
  static boolean isNaN(Tensor x, long i) {
    return x.dtype().isFloat() && Double.isNaN(x.asDouble(i));
  }
}
