package io.lockstep.server.chat;

import java.time.Clock;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Functions that chat templates expect; public because the template library calls them. */
public final class Functions {

  private Functions() {}

  /** What a template says is wrong with a conversation. */
  static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refusal(String message) {
      super(message);
    }
  }

  /** {@code raise_exception(message)}. */
  @SuppressWarnings("DoNotCallSuggester") // templates call it, and mean it
  public static String refuse(@Nullable Object message) {
    throw new Refusal(String.valueOf(message));
  }

  /** {@code strftime_now(format)}, as far as dates go: %d, %B, %b, %m, %Y, %y, %A and %a. */
  public static String date(String format) {
    LocalDate today = LocalDate.now(Clock.systemUTC());
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char character = format.charAt(i);
      boolean isField = character == '%' && i + 1 < format.length();
      text.append(isField ? field(format.charAt(++i), today) : Character.toString(character));
    }
    return text.toString();
  }

  private static String field(char letter, LocalDate today) {
    String pattern =
        switch (letter) {
          case 'd' -> "dd";
          case 'B' -> "MMMM";
          case 'b' -> "MMM";
          case 'm' -> "MM";
          case 'Y' -> "yyyy";
          case 'y' -> "yy";
          case 'A' -> "EEEE";
          case 'a' -> "EEE";
          default -> "";
        };
    return pattern.isEmpty()
        ? ""
        : DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(today);
  }
}
