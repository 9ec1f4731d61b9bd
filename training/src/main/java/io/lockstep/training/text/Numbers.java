package io.lockstep.training.text;

/** Rules about small numbers, which no one wants to write down one by one. */
final class Numbers {

  private static final int LARGEST = 20;

  private static final String[] WORDS = {
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty"
  };

  private Numbers() {}

  static String rules() {
    StringBuilder sums = new StringBuilder("[sum]\n");
    StringBuilder differences = new StringBuilder("[difference]\n");
    StringBuilder following = new StringBuilder("[following]\n");
    for (int a = 0; a <= LARGEST; a++) {
      for (int b = 0; a + b <= LARGEST; b++) {
        sums.append(
            "%d; plus=%d; is=%d; word=%s; plusword=%s; isword=%s%n"
                .formatted(a, b, a + b, WORDS[a], WORDS[b], WORDS[a + b]));
        differences.append("%d; minus=%d; is=%d%n".formatted(a + b, b, a));
      }
      following.append("%d; next=%d%n".formatted(a, a + 1));
    }
    return sums.append(differences).append(following).toString();
  }
}
