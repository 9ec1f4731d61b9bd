package io.lockstep.runtime.grammar;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a generated text must look like; compiled once, for any number of texts and threads. */
public final class Grammar {

  /**
   * Rules for JSON, with at most one space between its parts: {@code value}, {@code object}, {@code
   * array}, {@code string} and {@code number}, for grammars that have JSON in them.
   */
  public static final String JSON_RULES =
      """
      value ::= object | array | string | number | "true" | "false" | "null"
      object ::= "{" ws (member (ws "," ws member)*)? ws "}"
      member ::= string ws ":" ws value
      array ::= "[" ws (value (ws "," ws value)*)? ws "]"
      string ::= "\\"" character* "\\""
      character ::= [^"\\\\\\x00-\\x1F] | "\\\\" (["\\\\/bfnrt] | "u" unit)
      unit ::= [0-9a-cefA-CEF] hex{3} | [dD] [0-7] hex{2} | pair
      pair ::= [dD] [89abAB] hex{2} "\\\\u" [dD] [c-fC-F] hex{2}
      hex ::= [0-9a-fA-F]
      number ::= integer ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,2})?
      integer ::= "-"? ("0" | [1-9] [0-9]{0,15})
      ws ::= " "?
      """;

  private final Network network;
  private @Nullable GrammarMasks masks; // of the vocabulary that was asked for last

  Grammar(Map<String, Expression> rules) {
    network = new Network(rules);
  }

  /**
   * A grammar in the text form of docs/structured-output.md.
   *
   * @throws io.lockstep.runtime.error.InvalidInputException when it is no grammar
   */
  public static Grammar parse(String text) {
    return new Grammar(GrammarParser.parse(text));
  }

  /** Exactly one of these texts. */
  public static Grammar choice(List<String> texts) {
    Map<String, Expression> rules = new LinkedHashMap<>();
    rules.put("root", new Expression.Choice(texts.stream().map(Expression::literal).toList()));
    return new Grammar(rules);
  }

  /** Any JSON object. */
  public static Grammar jsonObject() {
    return parse("root ::= object\n" + JSON_RULES);
  }

  /**
   * JSON that is valid by a schema (2020-12), as docs/structured-output.md tells.
   *
   * @param schema as maps, lists, strings, numbers, booleans and null; references in it are to its
   *     own parts
   * @throws io.lockstep.runtime.error.InvalidInputException when it is no schema, or asks for what
   *     cannot be held to
   */
  public static Grammar jsonSchema(@Nullable Object schema) {
    JsonRules rules = new JsonRules();
    return new Grammar(rules.withRoot(new SchemaCompiler(rules, schema).expression(schema)));
  }

  /**
   * The call of a function: {@code {"name": …, "arguments": …}}.
   *
   * @param parameters the schema of the arguments by the function's name
   * @throws io.lockstep.runtime.error.InvalidInputException when a schema cannot be held to
   */
  public static Grammar functionCall(Map<String, ? extends @Nullable Object> parameters) {
    JsonRules rules = new JsonRules();
    List<Expression> calls = new ArrayList<>();
    parameters.forEach((name, schema) ->
        calls.add(
            Expression.sequence(
                Expression.literal("{\"name\": " + JsonRules.text(name) + ", \"arguments\": "),
                new SchemaCompiler(rules, schema).expression(schema),
                Expression.literal("}"))));
    return new Grammar(rules.withRoot(new Expression.Choice(calls)));
  }

  /**
   * Texts that match a regular expression as a whole.
   *
   * @throws io.lockstep.runtime.error.InvalidInputException when it is none, or has parts that are
   *     not supported
   */
  public static Grammar regex(String regex) {
    return new Grammar(Map.of("root", RegexParser.whole(regex)));
  }

  /** Whether a whole text follows this grammar. */
  public boolean matches(String text) {
    Position position = Position.first(network);
    for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
      position = position == null ? null : position.after(value & 0xFF);
    }
    return position != null && position.isComplete();
  }

  /** A text that is about to begin. Texts of one vocabulary share what they find out. */
  public synchronized GrammarState start(GrammarVocabulary vocabulary) {
    if (masks == null || !masks.isFor(vocabulary)) {
      masks = new GrammarMasks(network, vocabulary);
    }
    return new GrammarState(masks);
  }
}
