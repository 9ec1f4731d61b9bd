package io.lockstep.server.api.openai;

import io.lockstep.runtime.grammar.Grammar;
import io.lockstep.server.api.JsonInput;
import io.lockstep.server.serving.ServingException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which tools a model calls: whether it must, and which.
 *
 * @param isOff whether the model is told of no tools
 * @param names of the functions of which one must be called; empty when nothing must be
 */
record ToolChoice(boolean isOff, List<String> names) {

  private static final int MAX_NAME = 256;

  ToolChoice {
    names = List.copyOf(names);
  }

  static ToolChoice of(@Nullable Object choice, @Nullable List<?> tools) {
    List<String> known = names(tools);
    return switch (choice) {
      case null -> new ToolChoice(known.isEmpty(), List.of());
      case String word when word.equals("none") -> new ToolChoice(true, List.of());
      case String word when word.equals("auto") -> new ToolChoice(known.isEmpty(), List.of());
      case String word when word.equals("required") -> {
        if (known.isEmpty()) {
          throw ServingException.invalid("tool_choice is required, but there are no tools");
        }
        yield new ToolChoice(false, known);
      }
      case Map<?, ?> map
          when map.get("function") instanceof Map<?, ?> function
              && function.get("name") instanceof String name -> {
        if (!known.contains(name)) {
          throw ServingException.invalid(
              "tool_choice names '%s', which is none of the tools"
                  .formatted(JsonInput.shortened(name)));
        }
        yield new ToolChoice(false, List.of(name));
      }
      default ->
          throw ServingException.invalid(
              "tool_choice must be none, auto, required or {\"function\": {\"name\": …}}");
    };
  }

  private static List<String> names(@Nullable List<?> tools) {
    if (tools == null) {
      return List.of();
    }
    return tools.stream()
        .map(tool -> {
          if (tool instanceof Map<?, ?> map
              && map.get("function") instanceof Map<?, ?> function
              && function.get("name") instanceof String name
              && name.matches("[A-Za-z0-9_.-]{1," + MAX_NAME + "}")) {
            return name;
          }
          throw ServingException.invalid(
              "a tool must be {\"type\": \"function\", \"function\": {\"name\": …}}");
        })
        .toList();
  }

  boolean isForced() {
    return !names.isEmpty();
  }

  /** What a model writes that must call a tool: its name and its arguments as JSON. */
  Grammar grammar() {
    String choice =
        names.stream()
            .map(name -> "\"\\\"" + name + "\\\"\"")
            .collect(Collectors.joining(" | ", "(", ")"));
    return Grammar.parse(
        "root ::= \"{\\\"name\\\": \" "
            + choice
            + " \", \\\"arguments\\\": \" object \"}\"\n"
            + Grammar.JSON_RULES);
  }
}
