package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import java.util.Locale;

/**
 * Conversion between element types by the rules of ONNX Cast: floats are truncated to integers,
 * integers keep their low bits, anything but zero is true, and text is a decimal number.
 */
final class Conversion {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private Conversion() {}

  /** One element of {@code from} becomes one of {@code to}. */
  @FunctionalInterface
  private interface Element {
    void convert(Tensor from, Tensor to, long index);
  }

  /** The first input converted to the type of the first output. */
  static PreparedOperator prepare(DType from, DType to) {
    if (from == to) {
      return PreparedOperator.view();
    }
    if (from == DType.INT64 && to == DType.FLOAT32) {
      return (in, out, run) ->
          Chunks.forEach(
              run.pool(),
              in[0].size(),
              (first, count) -> longsToFloats(in[0].segment(), out[0].segment(), first, count));
    }
    if (from == DType.BOOL && to == DType.FLOAT32) {
      return (in, out, run) ->
          Chunks.forEach(
              run.pool(),
              in[0].size(),
              (first, count) -> booleansToFloats(in[0].segment(), out[0].segment(), first, count));
    }
    Element element = element(from, to);
    return (in, out, run) ->
        Chunks.forEach(
            run.pool(),
            in[0].size(),
            (first, count) -> {
              for (long i = first; i < first + count; i++) {
                element.convert(in[0], out[0], i);
              }
            });
  }

  private static Element element(DType from, DType to) {
    if (to == DType.STRING) {
      return (x, y, i) -> y.setString(i, text(x, i));
    }
    if (from == DType.STRING) {
      return to.isFloat()
          ? (x, y, i) -> y.setFromDouble(i, parseDouble(x.getString(i)))
          : (x, y, i) -> y.setFromLong(i, parseLong(x.getString(i)));
    }
    // A float's bits are kept by going through double; an unsigned 64-bit integer must not go
    // through a signed one on its way to a float.
    return from.isFloat() || to.isFloat()
        ? (x, y, i) -> y.setFromDouble(i, x.asDouble(i))
        : (x, y, i) -> y.setFromLong(i, x.asLong(i));
  }

  private static void longsToFloats(MemorySegment x, MemorySegment y, long first, long count) {
    for (long i = first; i < first + count; i++) {
      y.set(FLOAT, i * Float.BYTES, (float) x.get(LONG, i * Long.BYTES));
    }
  }

  private static void booleansToFloats(MemorySegment x, MemorySegment y, long first, long count) {
    for (long i = first; i < first + count; i++) {
      y.set(FLOAT, i * Float.BYTES, x.get(ValueLayout.JAVA_BYTE, i) == 0 ? 0f : 1f);
    }
  }

  /** The shortest decimal number that reads back as the same element; integers in full. */
  private static String text(Tensor x, long index) {
    return switch (x.dtype()) {
      case FLOAT16, BFLOAT16, FLOAT32 -> plain(Float.toString((float) x.asDouble(index)));
      case FLOAT64 -> plain(Double.toString(x.getDouble(index)));
      case UINT64 -> Long.toUnsignedString(x.getLong(index));
      case BOOL, UINT8, INT8, UINT16, INT16, UINT32, INT32, INT64 -> Long.toString(x.asLong(index));
      case STRING -> x.getString(index);
    };
  }

  /** A number as NumPy writes it: "1e+20" rather than "1.0E20", "nan", "inf". */
  private static String plain(String java) {
    if (java.equals("NaN")) {
      return "NaN";
    }
    if (java.endsWith("Infinity")) {
      return java.startsWith("-") ? "-INF" : "INF";
    }
    int exponentAt = java.indexOf('E');
    if (exponentAt < 0) {
      return java;
    }
    int exponent = Integer.parseInt(java.substring(exponentAt + 1));
    if (exponent >= -4 && exponent < 16) {
      return new BigDecimal(java).toPlainString();
    }
    String digits = java.substring(0, exponentAt);
    String mantissa = digits.endsWith(".0") ? digits.substring(0, digits.length() - 2) : digits;
    return mantissa + (exponent < 0 ? "e-" : "e+") + "%02d".formatted(Math.abs(exponent));
  }

  private static double parseDouble(String text) {
    String number = text.strip().toLowerCase(Locale.ROOT);
    String unsigned =
        number.startsWith("+") || number.startsWith("-") ? number.substring(1) : number;
    double sign = number.startsWith("-") ? -1 : 1;
    if (unsigned.equals("inf") || unsigned.equals("infinity")) {
      return sign * Double.POSITIVE_INFINITY;
    }
    if (unsigned.equals("nan")) {
      return Double.NaN;
    }
    try {
      return Double.parseDouble(number);
    } catch (NumberFormatException e) {
      throw new InvalidInputException("Cast: '" + text + "' is not a number", e);
    }
  }

  private static long parseLong(String text) {
    String number = text.strip();
    try {
      return new BigDecimal(number).toBigInteger().longValue();
    } catch (NumberFormatException e) {
      throw new InvalidInputException("Cast: '" + text + "' is not a number", e);
    }
  }
}
