package io.lockstep.training.vocabulary;

import io.lockstep.runtime.tokenizer.ByteAlphabet;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Learns a byte-level vocabulary by byte pair encoding (Sennrich et al., 2016, algorithm 1): the
 * pair of neighbouring tokens that is seen most often becomes a token, again and again. Equal
 * counts are decided by the tokens' ids.
 */
final class BytePairs {

  /** How a text is cut into words, which pairs never cross; GPT-2's. */
  private static final Pattern WORD =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+");

  private final List<String> tokens = new ArrayList<>();
  private final List<String> merges = new ArrayList<>();
  private final List<Word> words = new ArrayList<>();

  /** A word as it is cut so far. */
  private static final class Word {
    final int count;
    int[] ids; // [tokens of the word]

    Word(int count, int[] ids) {
      this.count = count;
      this.ids = ids;
    }
  }

  private BytePairs(Map<String, Integer> counts) {
    for (int value = 0; value < 256; value++) {
      tokens.add(String.valueOf(ByteAlphabet.character(value)));
    }
    counts.forEach((word, count) -> {
      byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
      int[] ids = new int[bytes.length];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = Byte.toUnsignedInt(bytes[i]);
      }
      words.add(new Word(count, ids));
    });
  }

  /**
   * Learns as many tokens.
   *
   * @param size how many tokens there shall be, the 256 bytes included
   */
  static BytePairs learn(List<String> texts, int size) {
    Map<String, Integer> counts = new TreeMap<>();
    for (String text : texts) {
      Matcher matcher = WORD.matcher(text);
      while (matcher.find()) {
        counts.merge(matcher.group(), 1, Integer::sum);
      }
    }
    BytePairs pairs = new BytePairs(counts);
    while (pairs.tokens.size() < size) {
      pairs.merge(pairs.mostFrequent());
    }
    return pairs;
  }

  /** Spellings in the byte alphabet, the 256 bytes first. */
  List<String> tokens() {
    return tokens;
  }

  /** Pairs in the order they were learnt, separated by a space. */
  List<String> merges() {
    return merges;
  }

  /** The pair seen most often, the first id in the upper half. */
  private long mostFrequent() {
    Map<Long, Integer> counts = new HashMap<>();
    for (Word word : words) {
      for (int i = 0; i + 1 < word.ids.length; i++) {
        counts.merge(pair(word.ids[i], word.ids[i + 1]), word.count, Integer::sum);
      }
    }
    long best = -1;
    int bestCount = 0;
    for (Map.Entry<Long, Integer> entry : counts.entrySet()) {
      int count = entry.getValue();
      if (count > bestCount || (count == bestCount && entry.getKey() < best)) {
        best = entry.getKey();
        bestCount = count;
      }
    }
    if (bestCount == 0) {
      throw new IllegalArgumentException(
          "the texts have only " + tokens.size() + " tokens to learn");
    }
    return best;
  }

  private static long pair(int first, int second) {
    return (long) first << 32 | second;
  }

  private void merge(long pair) {
    int merged = tokens.size();
    String first = tokens.get((int) (pair >> 32));
    String second = tokens.get((int) pair);
    tokens.add(first + second);
    merges.add(first + " " + second);
    for (Word word : words) {
      int to = 0;
      for (int from = 0; from < word.ids.length; from++) {
        boolean isPair =
            from + 1 < word.ids.length && pair(word.ids[from], word.ids[from + 1]) == pair;
        word.ids[to++] = isPair ? merged : word.ids[from];
        from += isPair ? 1 : 0;
      }
      if (to < word.ids.length) {
        word.ids = Arrays.copyOf(word.ids, to);
      }
    }
  }
}
