package io.lockstep.loadtest.overhead;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** An ONNX model that gives back what it gets: floats, [batch, 16]. Field numbers of onnx.proto. */
final class IdentityModel {

  static final String NAME = "identity";
  static final int COLUMNS = 16;

  private static final int FLOAT = 1; // TensorProto.DataType
  private static final int IR_VERSION = 8;
  private static final int OPSET = 17;

  private static final int LENGTH_DELIMITED = 2; // protobuf wire type

  private IdentityModel() {}

  /** Puts the model into a repository folder. */
  static void write(Path repository) throws IOException {
    Path version = Files.createDirectories(repository.resolve(NAME).resolve("1"));
    Files.write(version.resolve("model.onnx"), bytes());
  }

  static byte[] bytes() {
    byte[] node = join(text(1, "x"), text(2, "y"), text(4, "Identity"));
    byte[] graph =
        join(field(1, node), text(2, NAME), field(11, value("x")), field(12, value("y")));
    return join(integer(1, IR_VERSION), field(7, graph), field(8, integer(2, OPSET)));
  }

  /** A ValueInfoProto. */
  private static byte[] value(String name) {
    byte[] batch = field(1, text(2, "batch"));
    byte[] columns = field(1, integer(1, COLUMNS));
    byte[] type = field(1, join(integer(1, FLOAT), field(2, join(batch, columns))));
    return join(text(1, name), field(2, type));
  }

  private static byte[] text(int number, String value) {
    return field(number, value.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] field(int number, byte[] value) {
    return join(new byte[] {(byte) (number << 3 | LENGTH_DELIMITED), small(value.length)}, value);
  }

  private static byte[] integer(int number, int value) {
    return new byte[] {(byte) (number << 3), small(value)};
  }

  /** A number that fits the one byte of a short varint. */
  private static byte small(int value) {
    if (value > Byte.MAX_VALUE) {
      throw new IllegalArgumentException("varint: expected at most 127, got " + value);
    }
    return (byte) value;
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
