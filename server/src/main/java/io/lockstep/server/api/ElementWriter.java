package io.lockstep.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Writes elements of tensors as JSON scalars. Floats get the fewest digits that read back as the
 * same float; 64-bit integers are written in full.
 */
public final class ElementWriter {

  /** What becomes of NaN and the infinities, for which JSON has no numbers. */
  public enum NonFinite {
    /** {@code null}, counted by {@link #nonFinite}. */
    NULL,
    /** The bare words NaN, Infinity and -Infinity, as TensorFlow Serving writes them. */
    BARE_WORD
  }

  private final JsonGenerator json;
  private final NonFinite policy;
  private long nonFinite;

  public ElementWriter(JsonGenerator json, NonFinite policy) {
    this.json = json;
    this.policy = policy;
  }

  /** How many elements written so far were NaN or infinite. */
  public long nonFinite() {
    return nonFinite;
  }

  /** Writes elements {@code from} to {@code from + count}. */
  public void write(Tensor tensor, long from, long count) throws IOException {
    for (long i = from; i < from + count; i++) {
      write(tensor, i);
    }
  }

  /** Writes one element. */
  public void write(Tensor tensor, long index) throws IOException {
    switch (tensor.dtype()) {
      case FLOAT32 -> writeFloat(tensor.getFloat(index));
      case FLOAT16, BFLOAT16 -> writeFloat((float) tensor.asDouble(index));
      case FLOAT64 -> writeDouble(tensor.getDouble(index));
      case BOOL -> json.writeBoolean(tensor.getBoolean(index));
      case UINT64 -> writeUnsigned(tensor.getLong(index));
      case INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64 ->
          json.writeNumber(tensor.asLong(index));
      case STRING -> json.writeString(text(tensor.strings()[(int) index]));
    }
  }

  /** Writes a float that is no tensor's element in the same way. */
  public void writeFloat(float value) throws IOException {
    if (Float.isFinite(value)) {
      json.writeNumber(value);
    } else {
      writeNonFinite(Float.toString(value));
    }
  }

  private void writeDouble(double value) throws IOException {
    if (Double.isFinite(value)) {
      json.writeNumber(value);
    } else {
      writeNonFinite(Double.toString(value));
    }
  }

  private void writeNonFinite(String word) throws IOException {
    nonFinite++;
    switch (policy) {
      case NULL -> json.writeNull();
      case BARE_WORD -> json.writeRawValue(word);
    }
  }

  private void writeUnsigned(long bits) throws IOException {
    if (bits >= 0) {
      json.writeNumber(bits);
    } else {
      json.writeNumber(new BigInteger(Long.toUnsignedString(bits)));
    }
  }

  private static String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException notText) {
      throw ServingException.invalid(
          "an output holds bytes that are not UTF-8 and have no JSON form; ask for them in binary");
    }
  }
}
