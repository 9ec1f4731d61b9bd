package io.lockstep.runtime.kernel.scalar;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import io.lockstep.runtime.kernel.Copies;
import java.lang.foreign.MemorySegment;

/** Element by element, row by row. */
public final class ScalarCopies implements Copies {

  @Override
  public void gather(
      int elementBytes,
      int rows,
      Places places,
      MemorySegment from,
      long fromByte,
      long fromStride,
      MemorySegment to,
      long toByte,
      long toStride) {
    for (int row = 0; row < rows; row++) {
      long source = fromByte + row * fromStride;
      long target = toByte + row * toStride;
      for (int i = 0; i < places.count(); i++) {
        int offset = places.offsets().get(JAVA_INT_UNALIGNED, (long) i * Integer.BYTES);
        if (elementBytes == 1) {
          to.set(JAVA_BYTE, target + i, from.get(JAVA_BYTE, source + offset));
        } else {
          int word = from.get(JAVA_INT_UNALIGNED, source + offset);
          to.set(JAVA_INT_UNALIGNED, target + (long) i * Integer.BYTES, word);
        }
      }
    }
  }

  @Override
  public void rows(
      int rows,
      int bytes,
      MemorySegment from,
      long fromByte,
      long fromStride,
      MemorySegment to,
      long toByte,
      long toStride) {
    for (int row = 0; row < rows; row++) {
      MemorySegment.copy(from, fromByte + row * fromStride, to, toByte + row * toStride, bytes);
    }
  }

  @Override
  public void transpose(
      int elementBytes,
      int rows,
      int columns,
      MemorySegment from,
      long fromByte,
      long fromStride,
      MemorySegment to,
      long toByte,
      long toStride) {
    for (int column = 0; column < columns; column++) {
      long source = fromByte + (long) column * elementBytes;
      long target = toByte + column * toStride;
      if (elementBytes == 1) {
        for (int row = 0; row < rows; row++) {
          to.set(JAVA_BYTE, target + row, from.get(JAVA_BYTE, source + row * fromStride));
        }
      } else {
        for (int row = 0; row < rows; row++) {
          int word = from.get(JAVA_INT_UNALIGNED, source + row * fromStride);
          to.set(JAVA_INT_UNALIGNED, target + (long) row * Integer.BYTES, word);
        }
      }
    }
  }
}
