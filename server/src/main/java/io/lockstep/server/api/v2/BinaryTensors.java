package io.lockstep.server.api.v2;

import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Elements as bytes: little-endian, row-major, BOOL in one byte, and text as a length in four bytes
 * followed by the text.
 */
final class BinaryTensors {

  private static final int CHUNK_BYTES = 64 << 10;

  private BinaryTensors() {}

  /** Reads exactly {@code bytes} bytes into the elements of {@code target}. */
  static void read(InputStream source, Tensor target, long bytes, String what) throws IOException {
    if (target.dtype() == DType.STRING) {
      readTexts(source, target.strings(), bytes, what);
    } else {
      readElements(source, target.segment(), what);
      if (target.dtype() == DType.BOOL) {
        normalise(target);
      }
    }
  }

  /** Bytes that {@link #write} writes. */
  static long size(Tensor tensor) {
    if (tensor.dtype() != DType.STRING) {
      return tensor.segment().byteSize();
    }
    long bytes = 0;
    for (byte[] text : tensor.strings()) {
      bytes += Integer.BYTES + (long) text.length;
    }
    return bytes;
  }

  static void write(Tensor tensor, OutputStream out) throws IOException {
    if (tensor.dtype() == DType.STRING) {
      for (byte[] text : tensor.strings()) {
        out.write(littleEndian(text.length));
        out.write(text);
      }
      return;
    }
    MemorySegment segment = tensor.segment();
    byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, segment.byteSize())];
    for (long done = 0; done < segment.byteSize(); done += chunk.length) {
      int count = (int) Math.min(chunk.length, segment.byteSize() - done);
      MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, done, chunk, 0, count);
      out.write(chunk, 0, count);
    }
  }

  private static void readElements(InputStream source, MemorySegment target, String what)
      throws IOException {
    byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, target.byteSize())];
    long done = 0;
    while (done < target.byteSize()) {
      int count =
          source.readNBytes(chunk, 0, (int) Math.min(chunk.length, target.byteSize() - done));
      if (count == 0) {
        throw truncated(what, target.byteSize(), done);
      }
      MemorySegment.copy(chunk, 0, target, ValueLayout.JAVA_BYTE, done, count);
      done += count;
    }
  }

  private static void readTexts(InputStream source, byte[][] target, long bytes, String what)
      throws IOException {
    long left = bytes;
    for (int i = 0; i < target.length; i++) {
      byte[] header = source.readNBytes(Integer.BYTES);
      left -= Integer.BYTES;
      if (header.length < Integer.BYTES) {
        throw truncated(what, bytes, bytes - left - Integer.BYTES + header.length);
      }
      long length =
          Integer.toUnsignedLong(
              (header[0] & 0xff)
                  | (header[1] & 0xff) << 8
                  | (header[2] & 0xff) << 16
                  | (header[3] & 0xff) << 24);
      if (length > left) {
        throw ServingException.invalid(
            "%s: element %d says it has %d bytes but only %d are left of binary_data_size %d"
                .formatted(what, i, length, Math.max(0, left), bytes));
      }
      target[i] = source.readNBytes((int) length);
      if (target[i].length < length) {
        throw truncated(what, bytes, bytes - left + target[i].length);
      }
      left -= length;
    }
    if (left > 0) {
      throw ServingException.invalid(
          "%s: binary_data_size %d leaves %d bytes behind its %d elements"
              .formatted(what, bytes, left, target.length));
    }
  }

  /** Any byte but 0 means true; operators rely on 1. */
  private static void normalise(Tensor tensor) {
    for (long i = 0; i < tensor.size(); i++) {
      tensor.setBoolean(i, tensor.getByte(i) != 0);
    }
  }

  private static ServingException truncated(String what, long expected, long found) {
    return ServingException.invalid(
        "%s: expected %d bytes of binary data but the body ends after %d"
            .formatted(what, expected, found));
  }

  private static byte[] littleEndian(int value) {
    return new byte[] {
      (byte) value, (byte) (value >>> 8), (byte) (value >>> 16), (byte) (value >>> 24)
    };
  }
}
