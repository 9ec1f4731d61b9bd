package io.lockstep.runtime.quant;

import java.util.Optional;

/**
 * How the elements of a matrix row are stored: in blocks of a fixed number of elements and bytes,
 * as the GGUF format defines them. {@link BlockDecoder} says what the bytes of a block mean.
 */
public enum BlockFormat {
  F32(0, 1, 4),
  F16(1, 1, 2),
  BF16(30, 1, 2),
  Q4_0(2, 32, 18),
  Q4_1(3, 32, 20),
  Q5_0(6, 32, 22),
  Q5_1(7, 32, 24),
  Q8_0(8, 32, 34),
  Q4_K(12, 256, 144),
  Q5_K(13, 256, 176),
  Q6_K(14, 256, 210);

  private final int ggufCode;
  private final int elements;
  private final int bytes;

  BlockFormat(int ggufCode, int elements, int bytes) {
    this.ggufCode = ggufCode;
    this.elements = elements;
    this.bytes = bytes;
  }

  /** The number of this format in the tensor descriptions of a GGUF file. */
  public int ggufCode() {
    return ggufCode;
  }

  /** Elements in a block. */
  public int blockElements() {
    return elements;
  }

  /** Bytes of a block. */
  public int blockBytes() {
    return bytes;
  }

  /** Bytes of this many elements, which fill whole blocks. */
  public long bytes(long count) {
    if (count % elements != 0) {
      throw new IllegalArgumentException(
          name() + ": " + count + " elements do not fill blocks of " + elements);
    }
    return Math.multiplyExact(count / elements, (long) bytes);
  }

  /** The format with this number in GGUF files, if it is one of these. */
  public static Optional<BlockFormat> ofGguf(int code) {
    for (BlockFormat format : values()) {
      if (format.ggufCode == code) {
        return Optional.of(format);
      }
    }
    return Optional.empty();
  }
}
