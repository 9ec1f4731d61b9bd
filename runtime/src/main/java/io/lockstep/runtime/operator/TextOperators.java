package io.lockstep.runtime.operator;

import static java.util.Map.entry;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import java.util.Map;
import java.util.function.Function;

/** Operators over text, by ONNX name. */
public final class TextOperators {

  private static final Map<String, Function<NodeAttributes, Operator>> TABLE =
      Map.ofEntries(
          entry("RegexFullMatch", RegexFullMatch::of),
          entry("StringConcat", StringConcat::of),
          entry("StringNormalizer", StringNormalizer::of),
          entry("StringSplit", StringSplit::of),
          entry("TfIdfVectorizer", TfIdfVectorizer::of));

  private TextOperators() {}

  /** The factory of each operator. */
  public static Map<String, Function<NodeAttributes, Operator>> table() {
    return TABLE;
  }
}
