package io.lockstep.server.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 500us}, {@code 5ms}, {@code 2s}, {@code 1m}. */
final class Durations {

  private static final Pattern TEXT = Pattern.compile("(\\d{1,9})\\s*(us|ms|s|m|h)");

  private Durations() {}

  static Duration parse(String text) {
    String stripped = text.strip();
    if (stripped.equals("0")) {
      return Duration.ZERO;
    }
    Matcher matcher = TEXT.matcher(stripped);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "expected a duration such as 500us, 5ms, 2s or 1m but found '" + text + "'");
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "us" -> Duration.ofNanos(Math.multiplyExact(number, 1000L));
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      default -> Duration.ofHours(number);
    };
  }

  /** What {@link #parse} reads as {@code duration}, in the largest unit that divides it. */
  static String text(Duration duration) {
    long micros = duration.toNanos() / 1000;
    if (micros == 0) {
      return "0";
    }
    if (micros % 1000 != 0) {
      return micros + "us";
    }
    return micros % 1_000_000 == 0 ? micros / 1_000_000 + "s" : micros / 1000 + "ms";
  }
}
