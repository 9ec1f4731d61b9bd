package io.lockstep.runtime.importer.gguf;

import io.lockstep.runtime.quant.BlockFormat;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes GGUF files of version 3; what it is given it writes, be it valid or not. */
public final class GgufBytes {

  private static final int ALIGNMENT = 32;

  private final ByteArrayOutputStream entries = new ByteArrayOutputStream();
  private final ByteArrayOutputStream descriptions = new ByteArrayOutputStream();
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();
  private int entryCount;
  private int tensorCount;

  public GgufBytes string(String key, String value) {
    key(key, 8);
    entries.writeBytes(text(value));
    return this;
  }

  public GgufBytes integer(String key, int value) {
    key(key, 4);
    entries.writeBytes(little(4).putInt(value).array());
    return this;
  }

  public GgufBytes number(String key, float value) {
    key(key, 6);
    entries.writeBytes(little(4).putFloat(value).array());
    return this;
  }

  public GgufBytes strings(String key, List<String> values) {
    key(key, 9);
    entries.writeBytes(little(12).putInt(8).putLong(values.size()).array());
    values.forEach(value -> entries.writeBytes(text(value)));
    return this;
  }

  /** An entry of raw bytes. */
  public GgufBytes raw(String key, int type, byte[] value) {
    key(key, type);
    entries.writeBytes(value);
    return this;
  }

  /** A tensor with its blocks; extents are given outermost first. */
  public GgufBytes tensor(String name, BlockFormat format, byte[] blocks, long... extents) {
    return described(name, format.ggufCode(), data.size(), blocks, extents);
  }

  /** A tensor as described, be it true or not. */
  public GgufBytes described(String name, int code, long offset, byte[] blocks, long... extents) {
    tensorCount++;
    descriptions.writeBytes(text(name));
    descriptions.writeBytes(little(4).putInt(extents.length).array());
    for (int axis = extents.length - 1; axis >= 0; axis--) {
      descriptions.writeBytes(little(8).putLong(extents[axis]).array());
    }
    descriptions.writeBytes(little(12).putInt(code).putLong(offset).array());
    data.writeBytes(blocks);
    data.writeBytes(new byte[-data.size() & (ALIGNMENT - 1)]);
    return this;
  }

  /** The file. */
  public byte[] toBytes() {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    file.writeBytes(little(20).putInt(3).putLong(tensorCount).putLong(entryCount).array());
    file.writeBytes(entries.toByteArray());
    file.writeBytes(descriptions.toByteArray());
    file.writeBytes(new byte[-file.size() & (ALIGNMENT - 1)]);
    file.writeBytes(data.toByteArray());
    return file.toByteArray();
  }

  private void key(String key, int type) {
    entryCount++;
    entries.writeBytes(text(key));
    entries.writeBytes(little(4).putInt(type).array());
  }

  private static byte[] text(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    return little(8 + bytes.length).putLong(bytes.length).put(bytes).array();
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
