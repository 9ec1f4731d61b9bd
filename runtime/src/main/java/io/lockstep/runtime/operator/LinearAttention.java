package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX LinearAttention 27: attention through a state that each position updates, instead of through
 * all positions before it.
 *
 * <p>Inputs: q [batch, length, queryHeads * k]; k [batch, length, heads * k]; v [batch, length,
 * heads * v]; optional past state [batch, heads, k, v]; decay [batch, length, heads or heads * k]
 * for gated rules; beta [batch, length, heads or 1] for delta rules. Outputs: y [batch, length,
 * queryHeads * v]; the state behind the last position.
 *
 * @param scale 0 for 1 / sqrt(k)
 */
record LinearAttention(int queryHeads, int heads, float scale, boolean gated, boolean delta)
    implements Operator {

  static final int PAST = 3;
  static final int DECAY = 4;
  static final int BETA = 5;
  private static final int ERASE_GATE = 6;

  static Operator of(NodeAttributes attributes) {
    String rule = attributes.stringOr("update_rule", "gated_delta");
    switch (rule) {
      case "linear", "gated", "delta", "gated_delta" -> {}
      default ->
          throw new InvalidModelException("LinearAttention: update_rule '" + rule + "' is unknown");
    }
    return new LinearAttention(
        (int) attributes.intOr("q_num_heads", 0),
        (int) attributes.intOr("kv_num_heads", 0),
        attributes.floatOr("scale", 0),
        rule.startsWith("gated"),
        rule.endsWith("delta"));
  }

  @Override
  public String name() {
    return "LinearAttention";
  }

  /** The extents of an application. */
  record Extents(int batch, int length, int keySize, int valueSize, int decaySize, int betaSize) {}

  Extents extents(OperatorInputs inputs) {
    if (heads < 1 || queryHeads < 1 || queryHeads % heads != 0) {
      throw inputs.invalid(queryHeads + " query heads for " + heads + " heads");
    }
    if (inputs.has(DECAY) != gated || inputs.has(BETA) != delta || inputs.has(ERASE_GATE)) {
      throw inputs.invalid("decay, beta or an erase gate do not fit the update rule");
    }
    Shape q = inputs.shape(0);
    Shape k = inputs.shape(1);
    Shape v = inputs.shape(2);
    if (q.rank() != 3
        || !q.with(2, 1).equals(k.with(-1, 1))
        || !q.with(2, 1).equals(v.with(-1, 1))
        || k.extent(2) % heads != 0
        || v.extent(2) % heads != 0
        || q.extent(2) != k.extent(2) / heads * queryHeads) {
      throw inputs.invalid("q %s, k %s and v %s do not fit".formatted(q, k, v));
    }
    int keySize = k.extent(2) / heads;
    int decaySize = gated ? inputs.shape(DECAY).extent(-1) / heads : 0;
    int betaSize = delta ? inputs.shape(BETA).extent(-1) : 0;
    if ((gated && decaySize != 1 && decaySize != keySize)
        || (delta && betaSize != 1 && betaSize != heads)) {
      throw inputs.invalid("decay or beta do not fit %d heads of %d".formatted(heads, keySize));
    }
    return new Extents(q.extent(0), q.extent(1), keySize, v.extent(2) / heads, decaySize, betaSize);
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Extents e = extents(inputs);
    Shape state = Shape.of(e.batch, heads, e.keySize, e.valueSize);
    if (inputs.has(PAST) && !inputs.shape(PAST).equals(state)) {
      throw inputs.invalid("the past state is " + inputs.shape(PAST) + ", expected " + state);
    }
    TensorType kept = inputs.has(PAST) ? inputs.type(PAST) : inputs.type(0).withShape(state);
    Shape y = Shape.of(e.batch, e.length, queryHeads * e.valueSize);
    return List.of(inputs.type(0).withShape(y), kept);
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    return new LinearAttentionLoop(this, extents(inputs), inputs.has(PAST)).prepare();
  }
}
