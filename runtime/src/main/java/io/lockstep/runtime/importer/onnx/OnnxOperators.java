package io.lockstep.runtime.importer.onnx;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.operator.AttentionOperators;
import io.lockstep.runtime.operator.ControlOperators;
import io.lockstep.runtime.operator.ElementOperators;
import io.lockstep.runtime.operator.ImageOperators;
import io.lockstep.runtime.operator.IndexOperators;
import io.lockstep.runtime.operator.LogicOperators;
import io.lockstep.runtime.operator.MathOperators;
import io.lockstep.runtime.operator.MicrosoftOperators;
import io.lockstep.runtime.operator.MlOperators;
import io.lockstep.runtime.operator.QuantOperators;
import io.lockstep.runtime.operator.RecurrentOperators;
import io.lockstep.runtime.operator.ShapeOperators;
import io.lockstep.runtime.operator.SignalOperators;
import io.lockstep.runtime.operator.TextOperators;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Every operator that the importer understands, by name. Names of the standard domain stand alone;
 * others carry theirs, as in {@code com.microsoft:FusedMatMul}.
 */
final class OnnxOperators {

  private static final Map<String, Function<NodeAttributes, Operator>> TABLE = join();

  private OnnxOperators() {}

  private static Map<String, Function<NodeAttributes, Operator>> join() {
    Map<String, Function<NodeAttributes, Operator>> all = new HashMap<>();
    all.putAll(AttentionOperators.table());
    all.putAll(ControlOperators.table());
    all.putAll(ElementOperators.table());
    all.putAll(ImageOperators.table());
    all.putAll(IndexOperators.table());
    all.putAll(LogicOperators.table());
    all.putAll(MathOperators.table());
    all.putAll(MicrosoftOperators.table());
    all.putAll(MlOperators.table());
    all.putAll(QuantOperators.table());
    all.putAll(RecurrentOperators.table());
    all.putAll(ShapeOperators.table());
    all.putAll(SignalOperators.table());
    all.putAll(TextOperators.table());
    return Map.copyOf(all);
  }

  /** Has nothing to do: that it is called is what makes the table. */
  static void make() {}

  /** The factory of an operator, or null when it is not supported. */
  static @Nullable Function<NodeAttributes, Operator> find(String domain, String name) {
    return TABLE.get(qualified(domain, name));
  }

  /** The operator's name in the table. */
  static String qualified(String domain, String name) {
    return domain.isEmpty() || domain.equals("ai.onnx") ? name : domain + ":" + name;
  }
}
