package io.lockstep.runtime.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Turns the tokens of one text into characters as they come. Half a character is held back until
 * its other bytes arrive or cannot arrive any more; nothing else is. All parts together are the
 * text that {@link Tokenizer#decode} gives. For one thread.
 */
public final class IncrementalDetokenizer {

  private final PipelineTokenizer tokenizer;
  private final boolean skipSpecialTokens;
  private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
  private boolean first;

  IncrementalDetokenizer(PipelineTokenizer tokenizer, boolean skipSpecialTokens, boolean first) {
    this.tokenizer = tokenizer;
    this.skipSpecialTokens = skipSpecialTokens;
    this.first = first;
  }

  /** The characters that {@code id} completes; often empty for a token of part of a character. */
  public String add(int id) {
    if (tokenizer.append(id, skipSpecialTokens, first, pending)) {
      first = false;
    }
    byte[] bytes = pending.toByteArray();
    int complete = bytes.length - Math.max(unfinished(bytes), tokenizer.heldBack(bytes));
    pending.reset();
    pending.write(bytes, complete, bytes.length - complete);
    return new String(bytes, 0, complete, StandardCharsets.UTF_8);
  }

  /** What is left at the end of the text: U+FFFD for a character that was never completed. */
  public String finish() {
    byte[] bytes = pending.toByteArray();
    int end = bytes.length - tokenizer.heldBack(bytes);
    String rest = new String(bytes, 0, end, StandardCharsets.UTF_8);
    pending.reset();
    return rest;
  }

  /** Number of bytes at the end that may be the beginning of a character, 0 to 3. */
  private static int unfinished(byte[] bytes) {
    for (int back = 1; back <= Math.min(3, bytes.length); back++) {
      int value = bytes[bytes.length - back] & 0xFF;
      if (value < 0x80) {
        return 0;
      }
      if (value >= 0xC0) {
        return Utf8.mayGrow(bytes, bytes.length - back, bytes.length) ? back : 0;
      }
    }
    return 0;
  }
}
