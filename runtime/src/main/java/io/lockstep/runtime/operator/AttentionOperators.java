package io.lockstep.runtime.operator;

import static java.util.Map.entry;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import java.util.Map;
import java.util.function.Function;

/** Attention and what goes with it, by ONNX name. */
public final class AttentionOperators {

  private static final Map<String, Function<NodeAttributes, Operator>> TABLE =
      Map.ofEntries(
          entry("Attention", Attention::of),
          entry("CausalConvWithState", CausalConvWithState::of),
          entry("LinearAttention", LinearAttention::of),
          entry("RotaryEmbedding", RotaryEmbedding::of));

  private AttentionOperators() {}

  /** The factory of each operator. */
  public static Map<String, Function<NodeAttributes, Operator>> table() {
    return TABLE;
  }
}
