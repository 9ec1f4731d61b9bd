package io.lockstep.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.Seeds;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What holds for any string whatever. */
final class TokenizerPropertyTest {

  private static final String[] FRAGMENTS = {
    "the",
    "play",
    "ing",
    "a",
    "[SEP]",
    "[CLS",
    "<s>",
    "unit",
    "Lock-Step",
    "İ",
    "É",
    "e\u0301",
    "中",
    "\u302e\u1b44",
    "\ud83d\ude00",
    "\ud83d",
    "\ude00",
    "\u0000",
    "\u200d",
    "\ufffd",
    "가",
    " ",
    "\t",
    "\u00a0",
    "\u3000",
    ".",
    "＿",
    "##",
    "\udb40\udc01"
  };

  private final Tokenizer tokenizer = TinyTokenizer.create();

  @Test
  void everyStringEncodesWithOffsetsThatAdvanceThroughTheText() {
    Seeds.forAll(
        5_000,
        random -> {
          String text = anyText(random);
          Encoding encoding = tokenizer.encode(text, tokenizer.defaultOptions());
          int previous = 0;
          for (int token = 0; token < encoding.length(); token++) {
            if (encoding.isSpecial(token)) {
              continue;
            }
            assertTrue(encoding.start(token) >= previous);
            assertTrue(encoding.stop(token) >= encoding.start(token));
            assertTrue(encoding.stop(token) <= text.length());
            assertTrue(tokenizer.tokenOf(encoding.id(token)).isPresent());
            previous = encoding.start(token);
          }
          assertArrayEquals(
              encoding.ids(), tokenizer.encode(text, tokenizer.defaultOptions()).ids());
          assertEquals(encoding.length(), encoding.inCodePoints(text).length());
          assertTrue(tokenizer.decode(encoding.ids(), false).startsWith("[CLS]"));
        });
  }

  @Test
  void truncationKeepsAPrefixOrASuffixOfTheTokens() {
    Seeds.forAll(
        1_000,
        random -> {
          String text = anyText(random);
          EncodeOptions all = tokenizer.defaultOptions().withSpecialTokens(false);
          int[] ids = tokenizer.encode(text, all).ids();
          Truncation truncation = Truncation.NONE.withMaxLength(1 + random.nextInt(20));
          int kept = Math.min(truncation.maxLength(), ids.length);
          int[] right = tokenizer.encode(text, all.withTruncation(truncation)).ids();
          int[] left =
              tokenizer
                  .encode(text, all.withTruncation(truncation.withSide(Truncation.Side.LEFT)))
                  .ids();
          assertArrayEquals(Arrays.copyOf(ids, kept), right);
          assertArrayEquals(Arrays.copyOfRange(ids, ids.length - kept, ids.length), left);
        });
  }

  @Test
  void millionsOfCharactersTakeNoMoreThanLinearTime() {
    EncodeOptions options = tokenizer.defaultOptions();
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          assertEquals(3, tokenizer.encode("a".repeat(4_000_000), options).length());
          assertEquals(2_000_002, tokenizer.encode("a ".repeat(2_000_000), options).length());
          assertEquals(1_000_002, tokenizer.encode("<s> ".repeat(1_000_000), options).length());
          assertEquals(2, tokenizer.encode(" ".repeat(4_000_000), options).length());
        });
  }

  private static String anyText(Random random) {
    StringBuilder text = new StringBuilder();
    int parts = random.nextInt(30);
    for (int i = 0; i < parts; i++) {
      if (random.nextInt(3) == 0) {
        text.appendCodePoint(random.nextInt(Character.MAX_CODE_POINT + 1));
      } else {
        text.append(FRAGMENTS[random.nextInt(FRAGMENTS.length)]);
      }
    }
    return text.toString();
  }
}
