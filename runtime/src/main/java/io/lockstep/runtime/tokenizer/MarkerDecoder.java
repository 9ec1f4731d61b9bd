package io.lockstep.runtime.tokenizer;

import java.io.ByteArrayOutputStream;

/**
 * Turns SentencePiece tokens back into text: markers into spaces, {@code <0x0A>} into its byte.
 *
 * @param marker stands for a space
 * @param bytes whether the vocabulary has tokens of single bytes
 * @param dropsFirstSpace whether the space before the first word was put there by the encoder
 */
record MarkerDecoder(String marker, boolean bytes, boolean dropsFirstSpace)
    implements TokenDecoder {

  @Override
  public void append(String token, boolean first, ByteArrayOutputStream out) {
    int value = bytes ? UnknownText.byteOf(token) : -1;
    if (value >= 0) {
      out.write(value);
      return;
    }
    String text = token.replace(marker, " ");
    Utf8.append(first && dropsFirstSpace && text.startsWith(" ") ? text.substring(1) : text, out);
  }
}
