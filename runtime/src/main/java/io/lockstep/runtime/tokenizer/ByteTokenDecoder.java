package io.lockstep.runtime.tokenizer;

import java.io.ByteArrayOutputStream;

/** Turns tokens such as {@code <0x0A>} into their bytes. */
record ByteTokenDecoder(TokenDecoder next) implements TokenDecoder {

  @Override
  public void append(String token, boolean first, ByteArrayOutputStream out) {
    int value = UnknownText.byteOf(token);
    if (value >= 0) {
      out.write(value);
    } else {
      next.append(token, first, out);
    }
  }
}
