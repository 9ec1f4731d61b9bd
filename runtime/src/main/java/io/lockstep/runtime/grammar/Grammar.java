package io.lockstep.runtime.grammar;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
      string ::= "\\"" ([^"\\\\\\x00-\\x1F] | "\\\\" (["\\\\/bfnrt] | "u" [0-9a-fA-F]{4}))* "\\""
      number ::= "-"? ("0" | [1-9] [0-9]{0,15}) ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,2})?
      ws ::= " "?
      """;

  private final Network network;

  private Grammar(Map<String, Expression> rules) {
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

  /** A text that is about to begin. */
  public GrammarState start(GrammarVocabulary vocabulary) {
    return new GrammarState(network, vocabulary);
  }
}
