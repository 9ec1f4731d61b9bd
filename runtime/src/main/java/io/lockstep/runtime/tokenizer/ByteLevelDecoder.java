package io.lockstep.runtime.tokenizer;

import java.io.ByteArrayOutputStream;

/** Turns tokens spelt in the {@link ByteAlphabet} back into their bytes. */
record ByteLevelDecoder() implements TokenDecoder {

  @Override
  public void append(String token, boolean first, ByteArrayOutputStream out) {
    for (int i = 0; i < token.length(); i++) {
      if (ByteAlphabet.value(token.charAt(i)) < 0) {
        Utf8.append(token, out);
        return;
      }
    }
    for (int i = 0; i < token.length(); i++) {
      out.write(ByteAlphabet.value(token.charAt(i)));
    }
  }
}
