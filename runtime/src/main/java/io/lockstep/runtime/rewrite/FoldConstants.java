package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.error.ModelException;
import io.lockstep.runtime.graph.DataDependentOperator;
import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.NodeEvaluator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.operator.DequantizeLinear;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import io.lockstep.runtime.tensor.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Computes what depends on constants only, once. */
final class FoldConstants implements Rewrite {

  /**
   * Results larger than this and than what they are made of stay computed: a dequantised table
   * would take four times the memory of the quantised one.
   */
  private static final long MAX_GROWN_BYTES = 1 << 16;

  /** A small damaged file must not fill the memory with what it asks to be computed. */
  private static final long MAX_TOTAL_BYTES = 1L << 31;

  private final boolean dequantizes;

  private FoldConstants(boolean dequantizes) {
    this.dequantizes = dequantizes;
  }

  static FoldConstants all() {
    return new FoldConstants(true);
  }

  /** Leaves dequantised weights alone, which other passes look for. */
  static FoldConstants exceptDequantization() {
    return new FoldConstants(false);
  }

  @Override
  public Graph apply(Graph graph, RewriteContext context) {
    GraphEditor editor = new GraphEditor(graph);
    Map<Value, Tensor> known = new HashMap<>(graph.constants());
    long[] total = new long[1];
    try (TensorArena scratch = new TensorArena()) {
      Map<Value, Tensor> folded = new HashMap<>();
      for (Node node : graph.nodes()) {
        fold(node, known, folded, context, scratch, total);
      }
      // Only what some other node reads is kept; the steps on the way go with the scratch memory.
      for (Node node : graph.nodes()) {
        if (!node.outputs().stream().allMatch(out -> out == null || folded.containsKey(out))) {
          node.inputs().forEach(input -> keep(input, folded, editor, context));
        }
      }
      graph.outputs().forEach(output -> keep(output, folded, editor, context));
    }
    return editor.build();
  }

  private static void keep(
      @Nullable Value value,
      Map<Value, Tensor> folded,
      GraphEditor editor,
      RewriteContext context) {
    Tensor tensor = value == null ? null : folded.get(value);
    if (value == null || tensor == null || editor.constant(value).isPresent()) {
      return;
    }
    Tensor kept = context.allocate().apply(tensor.type());
    kept.copyFrom(tensor);
    editor.fold(value, kept);
  }

  private void fold(
      Node node,
      Map<Value, Tensor> known,
      Map<Value, Tensor> folded,
      RewriteContext context,
      TensorArena scratch,
      long[] total) {
    List<@Nullable Tensor> inputs = new ArrayList<>();
    long inputBytes = 0;
    for (Value input : node.inputs()) {
      Tensor tensor = input == null ? null : known.get(input);
      if (input != null && tensor == null) {
        return;
      }
      inputs.add(tensor);
      inputBytes += tensor == null ? 0 : tensor.type().bytes();
    }
    if (node.operator() instanceof DataDependentOperator
        || (!dequantizes && node.operator() instanceof DequantizeLinear)) {
      return;
    }
    try {
      OperatorInputs types = NodeEvaluator.inputs(node.operator(), inputs);
      if (node.operator().inline(types).isPresent()
          || !isWorthwhile(
              node.operator().outputTypes(types), inputBytes, inputs, context, total)) {
        return;
      }
      List<Tensor> outputs =
          context.evaluator().evaluate(node.operator(), inputs, scratch::allocate);
      for (int i = 0; i < node.outputs().size(); i++) {
        Value output = node.outputs().get(i);
        if (output != null) {
          known.put(output, outputs.get(i));
          folded.put(output, outputs.get(i));
        }
      }
    } catch (ModelException e) {
      // A node that cannot be computed may be one that no run takes; planning tells if it is.
      return;
    }
  }

  private static boolean isWorthwhile(
      List<TensorType> outputs,
      long inputBytes,
      List<@Nullable Tensor> inputs,
      RewriteContext context,
      long[] total) {
    long bytes = 0;
    for (TensorType output : outputs) {
      if (output.bytes() > context.maxTensorBytes()) {
        return false;
      }
      bytes += output.bytes();
    }
    // Weights that a file generates have no form but the computed one.
    boolean grows = bytes > Math.max(MAX_GROWN_BYTES, inputBytes) && inputBytes >= MAX_GROWN_BYTES;
    if (grows || total[0] + bytes > MAX_TOTAL_BYTES) {
      return false;
    }
    total[0] += bytes;
    return !inputs.isEmpty() || bytes > 0;
  }
}
