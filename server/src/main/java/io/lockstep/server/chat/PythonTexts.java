package io.lockstep.server.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.InterpretException;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.filter.AdvancedFilter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Methods of Python's strings, and of its json module, as filters of the template library. */
final class PythonTexts {

  private static final Pattern METHODS =
      Pattern.compile(
          "\\.\\s*(strip|lstrip|rstrip|startswith|endswith|upper|lower|title|items)\\(");

  private static final Pattern REVERSED = Pattern.compile("\\[\\s*::\\s*-1\\s*\\]");

  /** Inside of which names mean anything. */
  private static final Pattern CODE =
      Pattern.compile("\\{\\{.*?\\}\\}|\\{%.*?%\\}", Pattern.DOTALL);

  private static final ObjectMapper JSON = new ObjectMapper();

  private interface Body {
    @Nullable Object apply(@Nullable Object value, List<String> arguments);
  }

  private record TextFilter(String name, Body body) implements AdvancedFilter {
    @Override
    public String getName() {
      return name;
    }

    @Override
    public @Nullable Object filter(
        @Nullable Object value,
        JinjavaInterpreter interpreter,
        Object[] arguments,
        Map<String, Object> named) {
      List<String> texts = new ArrayList<>();
      for (Object argument : arguments) {
        texts.add(String.valueOf(argument));
      }
      if (named.get("indent") instanceof Number indent) {
        texts.add(Integer.toString(indent.intValue()));
      }
      return body.apply(value, texts);
    }
  }

  private PythonTexts() {}

  /** Turns calls of Python's methods into filters, which bind as strongly. */
  static String adapted(String template) {
    return CODE.matcher(template)
        .replaceAll(match -> Matcher.quoteReplacement(code(match.group())));
  }

  private static String code(String code) {
    String methods = METHODS.matcher(code).replaceAll("|py_$1(");
    return REVERSED
        .matcher(methods)
        .replaceAll("|py_reversed()")
        .replace("|py_items()", ".items()");
  }

  static void register(Context context) {
    add(context, "py_strip", (value, set) -> strip(text(value), set, true, true));
    add(context, "py_lstrip", (value, set) -> strip(text(value), set, true, false));
    add(context, "py_rstrip", (value, set) -> strip(text(value), set, false, true));
    add(context, "trim", (value, set) -> strip(text(value), set, true, true));
    add(context, "py_startswith", (value, of) -> text(value).startsWith(of.getFirst()));
    add(context, "py_endswith", (value, of) -> text(value).endsWith(of.getFirst()));
    add(context, "py_upper", (value, _) -> text(value).toUpperCase(Locale.ROOT));
    add(context, "py_lower", (value, _) -> text(value).toLowerCase(Locale.ROOT));
    add(context, "py_title", (value, _) -> title(text(value)));
    add(context, "py_reversed", (value, _) -> reversed(value));
    add(context, "tojson", PythonTexts::json);
  }

  private static void add(Context context, String name, Body body) {
    context.registerFilter(new TextFilter(name, body));
  }

  private static String text(@Nullable Object value) {
    return value == null ? "" : value.toString();
  }

  private static String strip(String text, List<String> set, boolean left, boolean right) {
    int from = 0;
    int to = text.length();
    while (left && from < to && isStripped(text.charAt(from), set)) {
      from++;
    }
    while (right && to > from && isStripped(text.charAt(to - 1), set)) {
      to--;
    }
    return text.substring(from, to);
  }

  private static boolean isStripped(char character, List<String> set) {
    return set.isEmpty()
        ? Character.isWhitespace(character)
        : set.getFirst().indexOf(character) >= 0;
  }

  private static String title(String text) {
    StringBuilder title = new StringBuilder(text.length());
    boolean inWord = false;
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      title.append(inWord ? Character.toLowerCase(character) : Character.toTitleCase(character));
      inWord = Character.isLetter(character);
    }
    return title.toString();
  }

  private static Object reversed(@Nullable Object value) {
    if (value instanceof List<?> list) {
      List<Object> copy = new ArrayList<>(list);
      Collections.reverse(copy);
      return copy;
    }
    return new StringBuilder(text(value)).reverse().toString();
  }

  /** As Python's json.dumps writes: a space behind colons, and behind commas of one line. */
  private static String json(@Nullable Object value, List<String> indent) {
    boolean isWide = !indent.isEmpty();
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter(
            Separators.createDefaultInstance()
                .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                .withObjectEntrySpacing(isWide ? Separators.Spacing.NONE : Separators.Spacing.AFTER)
                .withArrayValueSpacing(isWide ? Separators.Spacing.NONE : Separators.Spacing.AFTER)
                .withObjectEmptySeparator("")
                .withArrayEmptySeparator(""));
    DefaultPrettyPrinter.Indenter lines =
        isWide
            ? new DefaultIndenter(" ".repeat(Math.min(16, spaces(indent.getFirst()))), "\n")
            : DefaultPrettyPrinter.NopIndenter.instance;
    printer.indentObjectsWith(lines);
    printer.indentArraysWith(lines);
    try {
      return JSON.writer(printer).writeValueAsString(value);
    } catch (JsonProcessingException problem) {
      throw new InterpretException("tojson: " + problem.getOriginalMessage());
    }
  }

  private static int spaces(String indent) {
    try {
      return Math.max(0, Integer.parseInt(indent));
    } catch (NumberFormatException problem) {
      return 2;
    }
  }
}
