package io.lockstep.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;

/** Compares tensors. */
public final class TensorAssert {

  private TensorAssert() {}

  /** Same type; floats within {@code absolute + relative |expected|}, all else exactly. */
  public static void assertClose(
      Tensor expected, Tensor actual, double relative, double absolute, String what) {
    assertEquals(expected.type(), actual.type(), what);
    for (long i = 0; i < expected.size(); i++) {
      if (!isClose(expected, actual, i, relative, absolute)) {
        fail(
            "%s: element %d is %s, expected %s"
                .formatted(what, i, text(actual, i), text(expected, i)));
      }
    }
  }

  /** The same bits. */
  public static void assertSameBits(Tensor expected, Tensor actual, String what) {
    assertEquals(expected.type(), actual.type(), what);
    long at = expected.segment().mismatch(actual.segment());
    assertEquals(-1, at, () -> what + ": differs at element " + at / expected.dtype().bytes());
  }

  /** The largest absolute difference. */
  public static double largestError(Tensor expected, Tensor actual) {
    double largest = 0;
    for (long i = 0; i < expected.size(); i++) {
      largest = Math.max(largest, Math.abs(expected.asDouble(i) - actual.asDouble(i)));
    }
    return largest;
  }

  private static boolean isClose(
      Tensor expected, Tensor actual, long i, double relative, double absolute) {
    if (expected.dtype() == DType.STRING) {
      return expected.getString(i).equals(actual.getString(i));
    }
    if (!expected.dtype().isFloat()) {
      return expected.asLong(i) == actual.asLong(i);
    }
    double e = expected.asDouble(i);
    double a = actual.asDouble(i);
    return Double.compare(e, a) == 0
        || e == a
        || Math.abs(e - a) <= absolute + relative * Math.abs(e);
  }

  private static String text(Tensor tensor, long i) {
    return tensor.dtype() == DType.STRING
        ? tensor.getString(i)
        : tensor.dtype().isFloat()
            ? Double.toString(tensor.asDouble(i))
            : Long.toString(tensor.asLong(i));
  }
}
