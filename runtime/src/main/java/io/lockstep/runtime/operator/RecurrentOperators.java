package io.lockstep.runtime.operator;

import static java.util.Map.entry;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import java.util.Map;
import java.util.function.Function;

/** Recurrent layers, by ONNX name. */
public final class RecurrentOperators {

  private static final Map<String, Function<NodeAttributes, Operator>> TABLE =
      Map.ofEntries(entry("GRU", Gru::of), entry("LSTM", Lstm::of), entry("RNN", Rnn::of));

  private RecurrentOperators() {}

  /** The factory of each operator. */
  public static Map<String, Function<NodeAttributes, Operator>> table() {
    return TABLE;
  }
}
