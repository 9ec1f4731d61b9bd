package io.lockstep.runtime.importer.onnx;

import io.lockstep.runtime.error.InvalidModelException;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A copy of an ONNX file without its weights: every large {@code raw_data} is replaced by a note of
 * where it stands. What is left is small enough to be parsed on the heap, while the weights stay
 * where they are, in the mapped file.
 */
final class LeanCopy {

  /**
   * The key of the {@code external_data} entry that says where a tensor's bytes are: its value is
   * {@code offset+length}.
   */
  static final String PLACE_KEY = "lockstep.place";

  private static final int MAX_DEPTH = 100;

  /** Shorter data stays in the copy. */
  private static final long LARGE_BYTES = 1024;

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private static final int RAW_DATA = 9;
  private static final int EXTERNAL_DATA = 13;
  private static final int ENTRY_KEY = 1;
  private static final int ENTRY_VALUE = 2;

  /** The messages that hold tensors, and those on the way to them. */
  private enum Message {
    MODEL,
    GRAPH,
    NODE,
    ATTRIBUTE,
    TENSOR;

    /** The message in a field, or null where no tensor can be. */
    @Nullable Message inField(int field) {
      return switch (this) {
        case MODEL -> field == 7 ? GRAPH : null;
        case GRAPH -> field == 1 ? NODE : field == 5 ? TENSOR : null;
        case NODE -> field == 5 ? ATTRIBUTE : null;
        case ATTRIBUTE ->
            field == 5 || field == 10 ? TENSOR : field == 6 || field == 11 ? GRAPH : null;
        case TENSOR -> null;
      };
    }
  }

  private final MemorySegment file;
  private long position;

  private LeanCopy(MemorySegment file) {
    this.file = file;
  }

  /** The copy of a whole file. */
  static byte[] of(MemorySegment file) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new LeanCopy(file).copy(Message.MODEL, file.byteSize(), out, 0);
    return out.toByteArray();
  }

  private void copy(Message message, long end, ByteArrayOutputStream out, int depth) {
    if (depth > MAX_DEPTH) {
      throw new InvalidModelException("the model's subgraphs are nested too deeply");
    }
    while (position < end) {
      long start = position;
      long tag = varint(end);
      int field = (int) (tag >>> 3);
      switch ((int) tag & 7) {
        case VARINT -> {
          varint(end);
          raw(start, position, out);
        }
        case FIXED64 -> raw(start, skip(Long.BYTES, end), out);
        case FIXED32 -> raw(start, skip(Integer.BYTES, end), out);
        case BYTES -> bytes(message, field, start, end, out, depth);
        default -> throw new InvalidModelException("the file is damaged at byte " + start);
      }
    }
  }

  private void bytes(
      Message message, int field, long start, long end, ByteArrayOutputStream out, int depth) {
    long length = varint(end);
    if (length < 0 || length > end - position) {
      throw new InvalidModelException("the file ends within a field at byte " + start);
    }
    Message inner = message.inField(field);
    // What is shorter as a whole holds nothing large.
    if (inner != null && length >= LARGE_BYTES) {
      ByteArrayOutputStream copy = new ByteArrayOutputStream();
      copy(inner, position + length, copy, depth + 1);
      field(field, copy.toByteArray(), out);
    } else if (message == Message.TENSOR && field == RAW_DATA && length >= LARGE_BYTES) {
      field(EXTERNAL_DATA, entry(position, length), out);
      position += length;
    } else {
      raw(start, skip(length, end), out);
    }
  }

  /** A {@code StringStringEntryProto} that notes an offset and a length. */
  private static byte[] entry(long offset, long length) {
    ByteArrayOutputStream entry = new ByteArrayOutputStream();
    field(ENTRY_KEY, PLACE_KEY.getBytes(StandardCharsets.US_ASCII), entry);
    field(ENTRY_VALUE, (offset + "+" + length).getBytes(StandardCharsets.US_ASCII), entry);
    return entry.toByteArray();
  }

  private static void field(int field, byte[] content, ByteArrayOutputStream out) {
    writeVarint(((long) field << 3) | BYTES, out);
    writeVarint(content.length, out);
    out.writeBytes(content);
  }

  private void raw(long from, long to, ByteArrayOutputStream out) {
    out.writeBytes(file.asSlice(from, to - from).toArray(ValueLayout.JAVA_BYTE));
  }

  private long skip(long bytes, long end) {
    if (bytes > end - position) {
      throw new InvalidModelException("the file ends within a field at byte " + position);
    }
    position += bytes;
    return position;
  }

  private long varint(long end) {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      if (position >= end) {
        throw new InvalidModelException("the file ends within a number at byte " + position);
      }
      byte next = file.get(ValueLayout.JAVA_BYTE, position++);
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new InvalidModelException("the file is damaged at byte " + position);
  }

  private static void writeVarint(long value, ByteArrayOutputStream out) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }
}
