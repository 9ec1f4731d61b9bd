package io.lockstep.server.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import io.lockstep.server.fakes.Seeds;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Elements written as JSON and read again are the same bits. */
final class ElementPropertyTest {

  private static final int ELEMENTS = 64;

  private final Json json =
      new Json(new ApiLimits(1 << 20, 1 << 20, 64, 16, Duration.ZERO, Duration.ZERO));

  @Test
  void everyElementComesBackBitForBit() {
    Seeds.forAll(
        50,
        random -> {
          for (DType dtype : DType.values()) {
            if (dtype != DType.STRING) {
              assertComesBack(random(dtype, random));
            }
          }
        });
  }

  @Test
  void writesFloatsWithoutMoreDigitsThanTheyNeed() throws IOException {
    Tensor floats = Tensors.ofFloats(Shape.of(5), 0.1f, 1f / 3, 16777216, Float.MIN_VALUE, -0.0f);
    assertEquals("[0.1,0.33333334,1.6777216E7,1.4E-45,-0.0]", write(floats));
  }

  /** Any bits, but numbers that JSON has and booleans that are 0 or 1. */
  private static Tensor random(DType dtype, Random random) {
    Tensor tensor = Tensors.zeros(TensorType.of(dtype, ELEMENTS));
    for (int i = 0; i < ELEMENTS; i++) {
      if (dtype == DType.BOOL) {
        tensor.setBoolean(i, random.nextBoolean());
        continue;
      }
      do {
        for (int b = 0; b < dtype.bytes(); b++) {
          tensor
              .segment()
              .set(ValueLayout.JAVA_BYTE, (long) i * dtype.bytes() + b, (byte) random.nextInt());
        }
      } while (dtype.isFloat() && !Double.isFinite(tensor.asDouble(i)));
    }
    return tensor;
  }

  private void assertComesBack(Tensor tensor) {
    try {
      String text = write(tensor);
      Tensor read = Tensors.zeros(tensor.type());
      try (JsonParser parser =
          json.parser(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), false)) {
        ElementReader elements = new ElementReader(parser, "data");
        parser.nextToken();
        for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
          elements.read(read, i);
        }
      }
      assertArrayEquals(bytes(tensor), bytes(read), text);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private String write(Tensor tensor) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator generator = json.generator(out)) {
      generator.writeStartArray();
      new ElementWriter(generator, ElementWriter.NonFinite.NULL).write(tensor, 0, tensor.size());
      generator.writeEndArray();
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static byte[] bytes(Tensor tensor) {
    return tensor.segment().toArray(ValueLayout.JAVA_BYTE);
  }
}
