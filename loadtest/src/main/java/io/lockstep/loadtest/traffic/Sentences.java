package io.lockstep.loadtest.traffic;

import java.util.Random;

/** Made-up sentences of mixed lengths, the same for the same seed. */
final class Sentences {

  private static final String[] WORDS = {
    "the", "harbour", "quiet", "engine", "answers", "before", "morning", "a", "letter", "about",
    "seven", "mountains", "and", "their", "weather", "costs", "less", "than", "music", "tonight"
  };

  private final Random random;
  private final int shortest;
  private final int longest;

  /**
   * A stream of sentences.
   *
   * @param shortest words of the shortest sentence, at least 1
   * @param longest words of the longest one, included
   */
  Sentences(long seed, int shortest, int longest) {
    if (shortest < 1 || longest < shortest) {
      throw new IllegalArgumentException(
          "sentences of " + shortest + " to " + longest + " words cannot be made");
    }
    this.random = new Random(seed);
    this.shortest = shortest;
    this.longest = longest;
  }

  String next() {
    int words = shortest + random.nextInt(longest - shortest + 1);
    StringBuilder sentence = new StringBuilder();
    for (int i = 0; i < words; i++) {
      sentence.append(i == 0 ? "" : " ").append(WORDS[random.nextInt(WORDS.length)]);
    }
    return sentence.toString();
  }
}
