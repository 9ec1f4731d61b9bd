package io.lockstep.training.text;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a grammar leaves to be put right: "a" before vowels, capitals where sentences begin. */
final class Spelling {

  /** Who says the quotation that ends here, as in: "No!" said the fox. */
  private static final Pattern SPEAKING =
      Pattern.compile("\" ((he|she|they) )?(said|asked|cried|called|whispered|shouted|thought)\\b");

  private Spelling() {}

  static String corrected(String text) {
    return capitals(
        text.replaceAll(" +", " ")
            .replaceAll("\\bi\\b", "I")
            .replaceAll("\\b([aA]) (?=[aeiouAEIOU])", "$1n "));
  }

  private static String capitals(String text) {
    StringBuilder result = new StringBuilder(text.length());
    Matcher speaking = SPEAKING.matcher(text);
    boolean begins = true;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isLetterOrDigit(c)) {
        result.append(begins ? Character.toUpperCase(c) : c);
        begins = false;
        continue;
      }
      if (c == '.' || c == '!' || c == '?' || c == '\n') {
        begins = !speaking.region(i + 1, text.length()).lookingAt();
      }
      result.append(c);
    }
    return result.toString();
  }
}
