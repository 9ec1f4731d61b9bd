package io.lockstep.server.api;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lockstep.runtime.tensor.BFloat16;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * Reads JSON scalars into the elements of a tensor. Integers are stored exactly or refused; a
 * decimal becomes the nearest value of the element's own type, without a detour over a wider one.
 */
public final class ElementReader {

  private final JsonParser json;
  private final String what;

  /** A reader of the values that {@code json} comes to; {@code what} names them in messages. */
  public ElementReader(JsonParser json, String what) {
    this.json = json;
    this.what = what;
  }

  /** Stores the current token's value in one element of {@code target}. */
  public void read(Tensor target, long index) throws IOException {
    switch (target.dtype()) {
      case FLOAT32 -> target.setFloat(index, float32());
      case FLOAT64 -> target.setDouble(index, float64());
      case FLOAT16 -> target.setShort(index, Float.floatToFloat16(float32()));
      case BFLOAT16 -> target.setShort(index, BFloat16.ofFloat(float32()));
      case INT64 -> target.setLong(index, integer(Long.MIN_VALUE, Long.MAX_VALUE, DType.INT64));
      case INT32 ->
          target.setInt(index, (int) integer(Integer.MIN_VALUE, Integer.MAX_VALUE, DType.INT32));
      case INT16 ->
          target.setShort(index, (short) integer(Short.MIN_VALUE, Short.MAX_VALUE, DType.INT16));
      case INT8 ->
          target.setByte(index, (byte) integer(Byte.MIN_VALUE, Byte.MAX_VALUE, DType.INT8));
      case UINT64 -> target.setLong(index, unsigned64());
      case UINT32 -> target.setInt(index, (int) integer(0, 0xffff_ffffL, DType.UINT32));
      case UINT16 -> target.setShort(index, (short) integer(0, 0xffff, DType.UINT16));
      case UINT8 -> target.setByte(index, (byte) integer(0, 0xff, DType.UINT8));
      case BOOL -> target.setBoolean(index, bool());
      case STRING -> target.strings()[(int) index] = text();
    }
  }

  private float float32() throws IOException {
    requireNumber("a number");
    float value = json.getFloatValue();
    if (Float.isInfinite(value) && !json.isNaN()) {
      throw outOfRange("FP32");
    }
    return value;
  }

  private double float64() throws IOException {
    requireNumber("a number");
    double value = json.getDoubleValue();
    if (Double.isInfinite(value) && !json.isNaN()) {
      throw outOfRange("FP64");
    }
    return value;
  }

  private long integer(long min, long max, DType type) throws IOException {
    requireInteger(type);
    if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      throw outOfRange(type.name());
    }
    long value = json.getLongValue();
    if (value < min || value > max) {
      throw outOfRange(type.name());
    }
    return value;
  }

  private long unsigned64() throws IOException {
    requireInteger(DType.UINT64);
    if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      BigInteger value = json.getBigIntegerValue();
      if (value.signum() < 0 || value.bitLength() > Long.SIZE) {
        throw outOfRange(DType.UINT64.name());
      }
      return value.longValue();
    }
    long value = json.getLongValue();
    if (value < 0) {
      throw outOfRange(DType.UINT64.name());
    }
    return value;
  }

  private boolean bool() throws IOException {
    return switch (json.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NUMBER_INT -> integer(0, 1, DType.BOOL) == 1;
      case null, default -> throw wrong("true or false");
    };
  }

  private byte[] text() throws IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw wrong("a string");
    }
    return json.getText().getBytes(StandardCharsets.UTF_8);
  }

  private void requireNumber(String expected) {
    JsonToken token = json.currentToken();
    if (token != JsonToken.VALUE_NUMBER_FLOAT && token != JsonToken.VALUE_NUMBER_INT) {
      throw wrong(expected);
    }
  }

  private void requireInteger(DType type) {
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw wrong("an integer, as " + type + " is");
    }
  }

  private ServingException wrong(String expected) {
    return ServingException.invalid(
        "%s must hold %s but holds %s"
            .formatted(what, expected, JsonInput.kind(json.currentToken())));
  }

  private ServingException outOfRange(String type) throws IOException {
    return ServingException.invalid(
        "%s holds %s, which is out of range for %s"
            .formatted(what, JsonInput.shortened(json.getText()), type));
  }
}
