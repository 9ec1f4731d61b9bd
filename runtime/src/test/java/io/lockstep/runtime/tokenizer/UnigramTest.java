package io.lockstep.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.lockstep.runtime.Seeds;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class UnigramTest {

  private static String model(String vocabulary, boolean hasBytes) {
    return "{\"type\": \"Unigram\", \"unk_id\": 0, \"byte_fallback\": %s, \"vocab\": [%s]}"
        .formatted(hasBytes, vocabulary);
  }

  private static final String SMALL =
      """
      ["<unk>", 0.0], ["a", 0.0], ["b", 0.0], ["c", 0.0], ["d", 0.0], ["cd", 1.0], ["ab", 2.0],
      ["abc", 5.0], ["abcd", 10.0]\
      """;

  @Test
  void takesTheWayWithTheHighestSum() {
    Tokenizer tokenizer = JsonTokenizer.of(model(SMALL, false)).build();
    assertEquals("[abcd][a][cd]", JsonTokenizer.tokens(tokenizer, "abcdacd"));
    assertEquals(
        "[ab][cd]", JsonTokenizer.tokens(scored("ab", -1, "cd", -1, "abc", -1, "d", -2), "abcd"));
    assertEquals(
        "[abc][d]", JsonTokenizer.tokens(scored("ab", -1, "cd", -2, "abc", -1, "d", -1), "abcd"));
    // of equal ways the one whose last token begins first
    assertEquals(
        "[a][bc]", JsonTokenizer.tokens(scored("a", -1, "bc", -1, "ab", -1, "c", -1), "abc"));
  }

  private static Tokenizer scored(Object... tokensAndScores) {
    StringBuilder vocabulary = new StringBuilder("[\"<unk>\", 0]");
    for (int i = 0; i < tokensAndScores.length; i += 2) {
      vocabulary.append(", [\"%s\", %s]".formatted(tokensAndScores[i], tokensAndScores[i + 1]));
    }
    return JsonTokenizer.of(model(vocabulary.toString(), false)).build();
  }

  @Test
  void unknownCharactersInARowAreOneUnknownToken() {
    Tokenizer tokenizer = JsonTokenizer.of(model(SMALL, false)).build();
    Encoding encoding = tokenizer.encode("a\u4e2d\ud83d\ude00xab", tokenizer.defaultOptions());
    assertArrayEquals(new int[] {1, 0, 6}, encoding.ids());
    assertEquals(1, encoding.start(1));
    assertEquals(5, encoding.stop(1));
  }

  @Test
  void unknownCharactersBecomeTheirBytesWhereTheVocabularyHasThem() {
    StringBuilder vocabulary = new StringBuilder("[\"<unk>\", 0], [\"a\", -1]");
    for (int value = 0; value < 256; value++) {
      vocabulary.append(", [\"<0x%02X>\", -9]".formatted(value));
    }
    Tokenizer tokenizer =
        JsonTokenizer.of(model(vocabulary.toString(), true))
            .decoding("{\"type\": \"ByteFallback\"}")
            .build();
    int[] ids = tokenizer.encode("a\u00e9a", tokenizer.defaultOptions()).ids();
    assertArrayEquals(new int[] {1, 2 + 0xC3, 2 + 0xA9, 1}, ids);
    assertEquals("a\u00e9a", tokenizer.decode(ids, false));
  }

  @Test
  void findsTheBestOfAllWaysToSplitAWord() {
    Seeds.forAll(
        1_000,
        random -> {
          Map<String, Double> vocabulary = anyVocabulary(random);
          TokenTrie trie = new TokenTrie();
          double[] scores = new double[vocabulary.size()];
          vocabulary.forEach((token, score) -> {
            int id = place(vocabulary, token);
            trie.add(token, id);
            scores[id] = score;
          });
          Unigram unigram =
              new Unigram(trie, scores, new UnknownText(scores.length, new int[0], false));
          String word = anyWord(random, 1 + random.nextInt(9));
          TokenBuffer found = new TokenBuffer();
          unigram.split(NormalizedText.of(word, 0, word.length()), 0, word.length(), found);
          double sum = 0;
          double unknown = lowest(vocabulary) - Unigram.PENALTY;
          for (int token = 0; token < found.length(); token++) {
            int id = found.id(token);
            sum += id == scores.length ? unknown : scores[id];
            assertEquals(token == 0 ? 0 : found.stop(token - 1), found.start(token));
          }
          assertEquals(word.length(), found.stop(found.length() - 1));
          assertEquals(best(word, vocabulary, unknown), sum, 1e-9, word);
        });
  }

  private static int place(Map<String, Double> vocabulary, String token) {
    int id = 0;
    for (String other : vocabulary.keySet()) {
      if (other.equals(token)) {
        return id;
      }
      id++;
    }
    throw new AssertionError(token);
  }

  /** The highest sum of any way to split {@code word}, by trying all of them. */
  private static double best(String word, Map<String, Double> vocabulary, double unknown) {
    if (word.isEmpty()) {
      return 0;
    }
    double best = Double.NEGATIVE_INFINITY;
    for (int stop = 1; stop <= word.length(); stop++) {
      String token = word.substring(0, stop);
      Double score = vocabulary.get(token);
      if (score == null && stop == 1) {
        score = unknown;
      }
      if (score != null) {
        best = Math.max(best, score + best(word.substring(stop), vocabulary, unknown));
      }
    }
    return best;
  }

  private static double lowest(Map<String, Double> vocabulary) {
    return vocabulary.values().stream().mapToDouble(Double::doubleValue).min().orElseThrow();
  }

  private static Map<String, Double> anyVocabulary(Random random) {
    Map<String, Double> vocabulary = new LinkedHashMap<>();
    for (int i = 1 + random.nextInt(15); i > 0; i--) {
      vocabulary.put(anyWord(random, 1 + random.nextInt(4)), -random.nextDouble() * 12);
    }
    return vocabulary;
  }

  private static String anyWord(Random random, int length) {
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < length; i++) {
      word.append((char) ('a' + random.nextInt(3)));
    }
    return word.toString();
  }

  @Test
  void splitsAMillionCharactersInLinearTime() {
    Tokenizer tokenizer = JsonTokenizer.of(model(SMALL, false)).build();
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () ->
            assertEquals(
                250_000,
                tokenizer.encode("abcd".repeat(250_000), tokenizer.defaultOptions()).length()));
  }

  /** As multilingual models of XLM-RoBERTa's kind write their files. */
  @Test
  void worksBehindTheNormaliserAndMarkersOfItsFamily() {
    String vocabulary =
        """
        ["<s>", 0], ["<pad>", 0], ["</s>", 0], ["<unk>", 0], ["\u2581Hel", -3], ["lo", -2],
        ["\u2581", -4], ["\u2581fi", -3], ["n", -4], ["e", -4]\
        """;
    Tokenizer tokenizer =
        TinyTokenizer.parse(
            """
            {"added_tokens": [{"id": 0, "content": "<s>", "special": true},
               {"id": 1, "content": "<pad>", "special": true},
               {"id": 2, "content": "</s>", "special": true},
               {"id": 3, "content": "<unk>", "special": true}],
             "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"},
               {"type": "Strip", "strip_left": false, "strip_right": true},
               {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "\u2581"}]},
             "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"},
               {"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": true}]},
             "post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 2],
               "cls": ["<s>", 0], "trim_offsets": true, "add_prefix_space": true},
             "decoder": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always"},
             "model": {"type": "Unigram", "unk_id": 3, "vocab": [%s]}}
            """
                .formatted(vocabulary));
    String text = "Hello \ufb01ne ";
    Encoding encoding = tokenizer.encode(text, tokenizer.defaultOptions());
    assertArrayEquals(new int[] {0, 4, 5, 7, 8, 9, 2}, encoding.ids());
    assertArrayEquals(new int[7], encoding.typeIds());
    assertEquals("Hel", text.substring(encoding.start(1), encoding.stop(1)));
    assertEquals("\ufb01", text.substring(encoding.start(3), encoding.stop(3)));
    assertEquals("Hello fine", tokenizer.decode(encoding.ids(), true));
    assertEquals(1, tokenizer.padId());
    assertArrayEquals(
        new int[] {0, 4, 5, 2, 2, 7, 8, 9, 2},
        tokenizer.encodePair("Hello", "\ufb01ne", tokenizer.defaultOptions()).ids());
  }
}
