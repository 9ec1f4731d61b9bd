package io.lockstep.runtime.importer.gguf;

import io.lockstep.runtime.error.InvalidModelException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads a GGUF file from its start on; what would reach beyond the end is refused. */
final class GgufCursor {

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Texts of a model file are templates and vocabularies; nothing honest is longer. */
  private static final int MAX_STRING_BYTES = 1 << 24;

  private final MemorySegment file;
  private long at;

  GgufCursor(MemorySegment file) {
    this.file = file;
  }

  /** Bytes read so far. */
  long position() {
    return at;
  }

  byte nextByte() {
    return file.get(ValueLayout.JAVA_BYTE, take(1));
  }

  short nextShort() {
    return file.get(SHORT, take(2));
  }

  int nextInt() {
    return file.get(INT, take(4));
  }

  long nextLong() {
    return file.get(LONG, take(8));
  }

  /** A text behind its length in bytes; bytes that are no UTF-8 become replacement characters. */
  String nextString() {
    long bytes = nextCount(1, "a text");
    if (bytes > MAX_STRING_BYTES) {
      throw new InvalidModelException("a text in the metadata claims " + bytes + " bytes");
    }
    byte[] text = new byte[(int) bytes];
    MemorySegment.copy(file, ValueLayout.JAVA_BYTE, take(bytes), text, 0, text.length);
    return new String(text, StandardCharsets.UTF_8);
  }

  /**
   * A count of things that follow.
   *
   * @param minBytes bytes that each takes at least, so that a false count cannot ask for memory
   */
  int nextCount(int minBytes, String what) {
    long count = nextLong();
    if (count < 0 || count > (file.byteSize() - at) / minBytes || count > Integer.MAX_VALUE - 8) {
      throw new InvalidModelException(
          what + " claims " + Long.toUnsignedString(count) + " entries, more than the file holds");
    }
    return (int) count;
  }

  private long take(long bytes) {
    if (bytes > file.byteSize() - at) {
      throw new InvalidModelException("the file ends in the middle of its header");
    }
    long from = at;
    at += bytes;
    return from;
  }
}
