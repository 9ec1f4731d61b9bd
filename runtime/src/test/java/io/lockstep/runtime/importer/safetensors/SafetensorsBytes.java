package io.lockstep.runtime.importer.safetensors;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes safetensors files. */
final class SafetensorsBytes {

  private final List<String> entries = new ArrayList<>();
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();

  SafetensorsBytes tensor(String name, String type, byte[] bytes, long... extents) {
    String shape = Arrays.toString(extents);
    int from = data.size();
    data.writeBytes(bytes);
    entries.add(
        "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
            .formatted(name, type, shape, from, data.size()));
    return this;
  }

  byte[] toBytes() {
    return file("{" + String.join(",", entries) + "}", data.toByteArray());
  }

  /** A file of this header. */
  static byte[] file(String header, byte... data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(Long.BYTES + json.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .put(data)
        .array();
  }
}
