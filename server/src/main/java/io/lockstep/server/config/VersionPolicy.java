package io.lockstep.server.config;

import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which of a model's versions are served. */
public sealed interface VersionPolicy {

  /** The {@code count} highest numbers. */
  record Latest(int count) implements VersionPolicy {
    public Latest {
      if (count < 1) {
        throw new IllegalArgumentException("latest needs at least one version");
      }
    }
  }

  /** Every version there is. */
  record All() implements VersionPolicy {}

  /** Exactly these numbers, ascending. */
  record Specific(List<Long> versions) implements VersionPolicy {
    public Specific {
      versions = List.copyOf(new TreeSet<>(versions));
    }
  }

  /** Reads {@code all}, {@code latest}, {@code latest(2)} or numbers such as {@code 1, 3}. */
  static VersionPolicy parse(String text) {
    String stripped = text.strip();
    Matcher latest = Pattern.compile("latest(?:\\((\\d{1,6})\\))?").matcher(stripped);
    if (latest.matches()) {
      return new Latest(latest.group(1) == null ? 1 : Integer.parseInt(latest.group(1)));
    }
    if (stripped.equals("all")) {
      return new All();
    }
    if (stripped.matches("\\d{1,18}(\\s*,\\s*\\d{1,18})*")) {
      return new Specific(Arrays.stream(stripped.split("\\s*,\\s*")).map(Long::valueOf).toList());
    }
    throw new IllegalArgumentException(
        "expected all, latest, latest(2) or versions such as [1, 3] but found '" + text + "'");
  }

  /** Those of {@code available}, ascending, that are to be served, ascending. */
  default List<Long> select(List<Long> available) {
    return switch (this) {
      case All() -> available;
      case Latest(int count) ->
          available.subList(Math.max(0, available.size() - count), available.size());
      case Specific(List<Long> versions) -> versions.stream().filter(available::contains).toList();
    };
  }
}
