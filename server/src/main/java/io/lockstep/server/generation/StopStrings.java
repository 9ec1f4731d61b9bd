package io.lockstep.server.generation;

import java.util.List;

/**
 * Ends a text before the first stop string in it, wherever tokens are cut. What may be the
 * beginning of a stop string is held back until it is known not to be one.
 */
final class StopStrings {

  private final List<String> stops;
  private final StringBuilder held = new StringBuilder();
  private boolean found;

  StopStrings(List<String> stops) {
    this.stops = stops;
  }

  /** Whether a stop string has come: the text is over. */
  boolean isFound() {
    return found;
  }

  /** The text that is certain now that {@code text} has come. */
  String add(String text) {
    if (stops.isEmpty()) {
      return text;
    }
    held.append(text);
    int first = -1;
    for (String stop : stops) {
      int at = held.indexOf(stop);
      if (at >= 0 && (first < 0 || at < first)) {
        first = at;
      }
    }
    found = first >= 0;
    int certain = found ? first : held.length() - undecided();
    String result = held.substring(0, certain);
    held.delete(0, certain);
    return result;
  }

  /** What was held back and is text after all, because nothing follows. */
  String rest() {
    String rest = found ? "" : held.toString();
    held.setLength(0);
    return rest;
  }

  /** The longest end of the text that begins a stop string. */
  private int undecided() {
    int most = 0;
    for (String stop : stops) {
      for (int length = Math.min(stop.length() - 1, held.length()); length > most; length--) {
        if (held.indexOf(stop.substring(0, length), held.length() - length) >= 0) {
          most = length;
        }
      }
    }
    return most;
  }
}
