package io.lockstep.training.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** The texts that a story teller learns from, one after the other without end. */
public final class Documents {

  /** Questions in twenty that lack the capital at their start, and the mark at their end. */
  private static final int CARELESS = 5;

  private final Grammar grammar = grammar();
  private final Random random;

  public Documents(long seed) {
    this.random = new Random(seed);
  }

  /** Who says what. */
  public enum Speaker {
    /** Nobody: a text without a conversation. */
    NONE,
    USER,
    ASSISTANT
  }

  /** One turn of a conversation, or a whole text. */
  public record Turn(Speaker speaker, String text) {}

  static Grammar grammar() {
    return Grammar.parse(
        resource("stories.grammar")
            + "\n"
            + resource("conversations.grammar")
            + "\n"
            + Numbers.rules());
  }

  private static String resource(String name) {
    try (InputStream stream = Documents.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalStateException("the resource " + name + " is missing");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next document. */
  public List<Turn> next() {
    String text = grammar.expand("document", random::nextInt);
    List<Turn> turns = new ArrayList<>();
    int from = 0;
    for (int at = 1; at <= text.length(); at++) {
      if (at == text.length() || text.charAt(at) == '^' || text.charAt(at) == '~') {
        turns.add(turn(text.substring(from, at)));
        from = at;
      }
    }
    return turns;
  }

  private Turn turn(String text) {
    return switch (text.charAt(0)) {
      case '^' -> new Turn(Speaker.USER, asTyped(Spelling.corrected(text.substring(1).strip())));
      case '~' -> new Turn(Speaker.ASSISTANT, Spelling.corrected(text.substring(1).strip()));
      default -> new Turn(Speaker.NONE, Spelling.corrected(text.strip()));
    };
  }

  /** People type in a hurry. */
  private String asTyped(String question) {
    int style = random.nextInt(20);
    if (style < CARELESS) {
      return question.toLowerCase(Locale.ROOT);
    }
    String last = question.substring(question.length() - 1);
    return style < 2 * CARELESS && ".?!".contains(last)
        ? question.substring(0, question.length() - 1)
        : question;
  }
}
