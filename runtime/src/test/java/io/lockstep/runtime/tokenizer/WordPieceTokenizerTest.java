package io.lockstep.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.error.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class WordPieceTokenizerTest {

  private final Tokenizer tokenizer = TinyTokenizer.create();
  private final EncodeOptions bare = tokenizer.defaultOptions().withSpecialTokens(false);

  @Test
  void takesTheLongestPieceAndWrapsTheTextInTheTemplate() {
    Encoding encoding = tokenizer.encode("the players", tokenizer.defaultOptions());
    assertArrayEquals(new int[] {2, 7, 4, 6, 15, 3}, encoding.ids());
    assertArrayEquals(new int[] {0, 0, 0, 0, 0, 0}, encoding.typeIds());
    assertTrue(encoding.isSpecial(0));
    assertFalse(encoding.isSpecial(1));
    assertTrue(encoding.isSpecial(5));
    assertFalse(encoding.truncated());
  }

  @Test
  void encodesAnEmptyTextAsSpecialTokensAlone() {
    assertArrayEquals(new int[] {2, 3}, tokenizer.encode("", tokenizer.defaultOptions()).ids());
    assertArrayEquals(new int[] {}, tokenizer.encode(" \t\u00a0\u200b", bare).ids());
  }

  @Test
  void turnsAWordThatCannotBeSplitWholeIntoOneUnknownToken() {
    assertArrayEquals(new int[] {1, 7}, tokenizer.encode("playzz the", bare).ids());
  }

  @Test
  void countsTheLongestWordInCodePoints() {
    assertArrayEquals(new int[] {8, 9, 9}, tokenizer.encode("aaa", bare).ids());
    assertEquals(12, tokenizer.encode("a".repeat(12), bare).length());
    assertArrayEquals(new int[] {1}, tokenizer.encode("a".repeat(13), bare).ids());
  }

  @Test
  void splitsAroundEveryPunctuationMark() {
    assertArrayEquals(new int[] {8, 10, 10, 8, 11, 12}, tokenizer.encode("a..a,!", bare).ids());
  }

  @Test
  void lowersLettersAndStripsAccentsInBothForms() {
    assertArrayEquals(new int[] {17, 17, 16}, tokenizer.encode("CAFÉ cafe\u0301 İ", bare).ids());
  }

  @Test
  void keepsAccentsWhenTheFileSaysSo() {
    Tokenizer accented = TinyTokenizer.with("\"strip_accents\": null", "\"strip_accents\": false");
    assertArrayEquals(new int[] {1, 17}, accented.encode("café cafe", bare).ids());
  }

  @Test
  void keepsAccentsByDefaultWhenItKeepsCase() {
    Tokenizer cased = TinyTokenizer.with("\"lowercase\": true", "\"lowercase\": false");
    assertArrayEquals(new int[] {1, 17, 1}, cased.encode("café cafe Cafe", bare).ids());
  }

  @Test
  void treatsEveryIdeographAsAWord() {
    assertArrayEquals(new int[] {8, 14, 14, 8}, tokenizer.encode("a中中a", bare).ids());
  }

  @Test
  void dropsControlAndFormatCharacters() {
    assertArrayEquals(
        new int[] {4, 5}, tokenizer.encode("pl\u0000a\u200by\ufffd\u00ading", bare).ids());
  }

  @Test
  void pointsEveryTokenAtItsSource() {
    String text = "😀 The PLAYÉRS, cafe\u0301";
    Encoding encoding = tokenizer.encode(text, bare);
    assertEquals(List.of("😀", "The", "PLAY", "ÉR", "S", ",", "cafe"), sources(text, encoding));
    Encoding codePoints = encoding.inCodePoints(text);
    assertEquals(0, codePoints.start(0));
    assertEquals(1, codePoints.stop(0));
    assertEquals(2, codePoints.start(1));
    assertEquals(5, codePoints.stop(1));
  }

  @Test
  void recognisesSpecialTokensStandingInTheText() {
    Encoding encoding = tokenizer.encode("a[SEP]the [sep]", bare);
    assertArrayEquals(new int[] {8, 3, 7, 1, 1, 1}, encoding.ids());
    assertFalse(encoding.isSpecial(1));
  }

  @Test
  void findsNormalizedAddedTokensWhateverTheirCase() {
    String text = "the LOCK-step, a";
    Encoding encoding = tokenizer.encode(text, bare);
    assertArrayEquals(new int[] {7, 20, 11, 8}, encoding.ids());
    assertEquals("LOCK-step", sources(text, encoding).get(1));
  }

  @Test
  void letsAnAddedTokenSwallowTheSpaceAroundIt() {
    String text = "a  <s>\tthe";
    Encoding encoding = tokenizer.encode(text, bare);
    assertArrayEquals(new int[] {8, 21, 7}, encoding.ids());
    assertEquals("  <s>\t", sources(text, encoding).get(1));
  }

  @Test
  void findsSingleWordTokensOnlyWhereNoWordTouchesThem() {
    assertArrayEquals(new int[] {22, 8, 19}, tokenizer.encode("unit aunit", bare).ids());
  }

  @Test
  void lowersTheCaseOfTextButNotOfTokensSoughtInTheOriginal() {
    assertArrayEquals(new int[] {18}, tokenizer.encode("UNIT", bare).ids());
  }

  @Test
  void givesTheSecondTextOfAPairItsOwnTypeAndOffsets() {
    Encoding encoding = tokenizer.encodePair("the", "guitar a", tokenizer.defaultOptions());
    assertArrayEquals(new int[] {2, 7, 3, 13, 8, 3}, encoding.ids());
    assertArrayEquals(new int[] {0, 0, 0, 1, 1, 1}, encoding.typeIds());
    assertEquals(0, encoding.sequence(1));
    assertEquals(1, encoding.sequence(3));
    assertEquals(0, encoding.start(3));
    assertEquals(Encoding.NO_SEQUENCE, encoding.sequence(2));
  }

  @Test
  void cutsTheSideAskedForAndKeepsTheSpecialTokens() {
    Truncation four = Truncation.NONE.withMaxLength(4);
    EncodeOptions right = tokenizer.defaultOptions().withTruncation(four);
    EncodeOptions left = right.withTruncation(four.withSide(Truncation.Side.LEFT));
    assertArrayEquals(new int[] {2, 7, 8, 3}, tokenizer.encode("the a guitar", right).ids());
    assertArrayEquals(new int[] {2, 8, 13, 3}, tokenizer.encode("the a guitar", left).ids());
    assertTrue(tokenizer.encode("the a guitar", left).truncated());
    assertFalse(tokenizer.encode("the a", left).truncated());
  }

  @Test
  void cutsTheLongerTextOfAPairFirst() {
    Truncation eight = Truncation.NONE.withMaxLength(8); // leaves room for 5 tokens of text
    EncodeOptions options = tokenizer.defaultOptions().withTruncation(eight);
    assertArrayEquals(
        new int[] {2, 7, 3, 8, 8, 8, 8, 3},
        tokenizer.encodePair("the", "a a a a a a", options).ids());
    assertArrayEquals(
        new int[] {2, 7, 7, 3, 8, 8, 8, 3},
        tokenizer.encodePair("the the the the", "a a a a", options).ids());
    assertArrayEquals(
        new int[] {2, 7, 7, 7, 3, 8, 8, 3},
        tokenizer.encodePair("the the the the", "a a a", options).ids());
  }

  @Test
  void cutsOnlyTheTextThatTheStrategyNames() {
    Truncation six = new Truncation(6, Truncation.Side.RIGHT, Truncation.Strategy.ONLY_SECOND);
    EncodeOptions options = tokenizer.defaultOptions().withTruncation(six);
    assertArrayEquals(
        new int[] {2, 7, 7, 3, 8, 3}, tokenizer.encodePair("the the", "a a a", options).ids());
    assertThrows(
        InvalidInputException.class, () -> tokenizer.encodePair("the the the the", "a", options));
  }

  @Test
  void refusesALengthThatHasNoRoomForTheSpecialTokens() {
    EncodeOptions one = tokenizer.defaultOptions().withTruncation(Truncation.NONE.withMaxLength(1));
    InvalidInputException refused =
        assertThrows(InvalidInputException.class, () -> tokenizer.encode("the", one));
    assertEquals("max_length 1 leaves no room for the 2 special tokens", refused.getMessage());
  }

  @Test
  void joinsPiecesIntoWordsWhenDecoding() {
    assertEquals(
        "the players, a guitar!",
        tokenizer.decode(new int[] {2, 7, 4, 6, 15, 11, 8, 13, 12, 3}, true));
    assertEquals("[CLS] the [SEP]", tokenizer.decode(new int[] {2, 7, 3}, false));
    assertThrows(InvalidInputException.class, () -> tokenizer.decode(new int[] {23}, true));
  }

  @Test
  void looksTokensUpBothWays() {
    assertEquals(23, tokenizer.vocabularySize());
    assertEquals(OptionalInt.of(5), tokenizer.idOf("##ing"));
    assertEquals(OptionalInt.of(20), tokenizer.idOf("Lock-Step"));
    assertEquals(OptionalInt.empty(), tokenizer.idOf("##in"));
    assertEquals(Optional.of("guitar"), tokenizer.tokenOf(13));
    assertEquals(Optional.empty(), tokenizer.tokenOf(-1));
    assertEquals(0, tokenizer.padId());
    assertEquals(
        Map.of("[PAD]", 0, "[UNK]", 1, "[CLS]", 2, "[SEP]", 3, "<s>", 21),
        tokenizer.specialTokens());
  }

  private static List<String> sources(String text, Encoding encoding) {
    List<String> sources = new ArrayList<>();
    for (int token = 0; token < encoding.length(); token++) {
      sources.add(text.substring(encoding.start(token), encoding.stop(token)));
    }
    return sources;
  }
}
