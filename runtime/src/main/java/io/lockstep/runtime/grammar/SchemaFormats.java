package io.lockstep.runtime.grammar;

import io.lockstep.runtime.error.InvalidInputException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Regular expressions for the formats of strings. Each describes values of its format, if not all:
 * no 29th of February, addresses and hosts of ordinary length, IPv6 without abbreviation, URIs of
 * the web.
 */
final class SchemaFormats {

  private static final String DATE =
      "[12]\\d{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])"
          + "|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))";
  private static final String TIME =
      "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,6})?(?:Z|[+-](?:0\\d|1[0-3]):[0-5]\\d)";
  private static final String LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,20}[A-Za-z0-9])?";
  private static final String HOST = "(?:" + LABEL + "\\.){1,3}[A-Za-z]{2,10}";
  private static final String BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final String ATOM = "[A-Za-z0-9_+-]{1,20}";
  private static final String URI = "https?://" + HOST + "(?:/[A-Za-z0-9._~-]{0,40}){0,8}";

  /** RFC 3339, appendix A: parts follow each other without a gap. */
  private static final String DURATION_TIME =
      "T(?:\\d{1,3}H(?:\\d{1,3}M(?:\\d{1,3}S)?)?|\\d{1,3}M(?:\\d{1,3}S)?|\\d{1,3}S)";

  private static final String DURATION =
      "P(?:(?:\\d{1,3}Y(?:\\d{1,3}M(?:\\d{1,3}D)?)?|\\d{1,3}M(?:\\d{1,3}D)?|\\d{1,3}D)(?:"
          + DURATION_TIME
          + ")?|"
          + DURATION_TIME
          + "|\\d{1,3}W)";

  private static final Map<String, String> REGEXES =
      Map.ofEntries(
          Map.entry("date", DATE),
          Map.entry("time", TIME),
          Map.entry("date-time", DATE + "T" + TIME),
          Map.entry("duration", DURATION),
          Map.entry("uuid", "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"),
          Map.entry("email", ATOM + "(?:\\." + ATOM + "){0,2}@" + HOST),
          Map.entry("hostname", HOST),
          Map.entry("ipv4", "(?:" + BYTE + "\\.){3}" + BYTE),
          Map.entry("ipv6", "(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}"),
          Map.entry("uri", URI),
          Map.entry("uri-reference", URI));

  /** Formats of the specification that have no expression here. */
  private static final Set<String> REFUSED =
      Set.of(
          "idn-email",
          "idn-hostname",
          "iri",
          "iri-reference",
          "uri-template",
          "json-pointer",
          "relative-json-pointer",
          "regex");

  private SchemaFormats() {}

  /** The expression of a format; null for names that the specification gives no meaning. */
  static @Nullable Expression of(String format) {
    if (REFUSED.contains(format)) {
      throw new InvalidInputException(
          "the schema has the format '%s', which cannot be held to".formatted(format));
    }
    String regex = REGEXES.get(format);
    return regex == null ? null : RegexParser.whole(regex);
  }
}
