package io.lockstep.server.api.openai;

import io.lockstep.runtime.grammar.Grammar;
import io.lockstep.server.api.JsonInput;
import io.lockstep.server.serving.ServingException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which tools a model calls: whether it must, and which.
 *
 * @param isOff whether the model is told of no tools
 * @param isParallel whether it may call several at once
 * @param required schemas of the arguments by the names of functions of which one must be called;
 *     empty when nothing must be
 */
record ToolChoice(boolean isOff, boolean isParallel, Map<String, Object> required) {

  private static final int MAX_NAME = 256;

  /** What a function takes that says nothing of it. */
  private static final Object NO_PARAMETERS = Map.of("type", "object");

  ToolChoice {
    required = Collections.unmodifiableMap(new LinkedHashMap<>(required));
  }

  static ToolChoice of(@Nullable Object choice, @Nullable List<?> tools, boolean isParallel) {
    Map<String, Object> known = parameters(tools);
    return switch (choice) {
      case null -> new ToolChoice(known.isEmpty(), isParallel, Map.of());
      case String word when word.equals("none") -> new ToolChoice(true, isParallel, Map.of());
      case String word when word.equals("auto") ->
          new ToolChoice(known.isEmpty(), isParallel, Map.of());
      case String word when word.equals("required") -> {
        if (known.isEmpty()) {
          throw ServingException.invalid("tool_choice is required, but there are no tools")
              .at("tool_choice");
        }
        yield new ToolChoice(false, isParallel, known);
      }
      case Map<?, ?> map
          when map.get("function") instanceof Map<?, ?> function
              && function.get("name") instanceof String name -> {
        if (!known.containsKey(name)) {
          throw ServingException.invalid(
                  "tool_choice names '%s', which is none of the tools"
                      .formatted(JsonInput.shortened(name)))
              .at("tool_choice.function.name");
        }
        yield new ToolChoice(
            false, isParallel, Map.of(name, known.getOrDefault(name, NO_PARAMETERS)));
      }
      default ->
          throw ServingException.invalid(
                  "tool_choice must be none, auto, required or {\"function\": {\"name\": …}}")
              .at("tool_choice");
    };
  }

  private static Map<String, Object> parameters(@Nullable List<?> tools) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    for (int i = 0; tools != null && i < tools.size(); i++) {
      if (!(tools.get(i) instanceof Map<?, ?> map)
          || !(map.get("function") instanceof Map<?, ?> function)
          || !(function.get("name") instanceof String name)
          || !name.matches("[A-Za-z0-9_.-]{1," + MAX_NAME + "}")) {
        throw ServingException.invalid(
                "a tool must be {\"type\": \"function\", \"function\": {\"name\": …}}")
            .at("tools[" + i + "]");
      }
      Object schema = function.get("parameters");
      parameters.put(name, schema == null ? NO_PARAMETERS : schema);
    }
    return parameters;
  }

  boolean isForced() {
    return !required.isEmpty();
  }

  /** What a model writes that must call a tool: its name and arguments that its schema allows. */
  Grammar grammar() {
    return Grammar.functionCall(required);
  }
}
