package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX Attention 23-24: y = softmax(softcap(scale q k^T) + bias) v for each head.
 *
 * <p>Inputs: q, k, v, each [batch, heads, length, size] or [batch, length, heads * size]; optional
 * mask broadcasting to [batch, heads, query, key], BOOL or added; optional past keys and values
 * [batch, heads, past, size], which stand before k and v; optional INT64 [batch] number of valid
 * keys. There may be fewer key heads than query heads; each then serves a group of neighbours.
 *
 * <p>Outputs: y in the layout of q; the present keys and values [batch, heads, past + length,
 * size]; the scores [batch, heads, query, key] at the stage that {@code scoreMode} names.
 *
 * @param queryHeads heads of q where it has rank 3, else 0
 * @param keyHeads heads of k and v where they have rank 3, else 0
 * @param lengthFirst whether inputs of rank 4 are [batch, length, heads, size], and y as well, as
 *     rewrites make them
 * @param scale 0 for 1 / sqrt(size)
 * @param softcap scores become softcap tanh(score / softcap); 0 for no such bound
 */
public record Attention(
    int queryHeads,
    int keyHeads,
    boolean lengthFirst,
    boolean causal,
    float scale,
    float softcap,
    ScoreMode scoreMode,
    int outputs)
    implements Operator {

  static final int MASK = 3;
  static final int PAST_KEY = 4;
  static final int PAST_VALUE = 5;
  static final int VALID = 6;
  static final int PRESENT_KEY = 1;
  static final int PRESENT_VALUE = 2;
  static final int SCORES = 3;

  /** After which step the fourth output takes the scores. */
  public enum ScoreMode {
    PRODUCT,
    SOFTCAP,
    BIAS,
    SOFTMAX
  }

  static Operator of(NodeAttributes attributes) {
    int mode = (int) attributes.intOr("qk_matmul_output_mode", 0);
    return new Attention(
        (int) attributes.intOr("q_num_heads", 0),
        (int) attributes.intOr("kv_num_heads", 0),
        false,
        attributes.intOr("is_causal", 0) != 0,
        attributes.floatOr("scale", 0),
        attributes.floatOr("softcap", 0),
        ScoreMode.values()[Math.clamp(mode, 0, 3)],
        attributes.outputCount());
  }

  /** Attention to and from [batch, length, heads, size], with an optional mask. */
  public static Operator lengthFirst(float scale) {
    return new Attention(0, 0, true, false, scale, 0, ScoreMode.PRODUCT, 1);
  }

  @Override
  public String name() {
    return "Attention";
  }

  /** The layouts of an application, checked against each other. */
  record Heads(HeadLayout q, HeadLayout k, HeadLayout v, HeadLayout y, int past) {

    /** Keys that a query may look at, past ones included. */
    int keys() {
      return past + k.length();
    }

    /** Past and new keys together. */
    HeadLayout presentKeys() {
      return new HeadLayout(k.batch(), k.heads(), keys(), k.size(), false);
    }

    /** Past and new values together. */
    HeadLayout presentValues() {
      return new HeadLayout(v.batch(), v.heads(), keys(), v.size(), false);
    }
  }

  Heads heads(OperatorInputs inputs) {
    HeadLayout q = layout(inputs, 0, queryHeads);
    HeadLayout k = layout(inputs, 1, keyHeads);
    HeadLayout v = layout(inputs, 2, keyHeads);
    if (q.size() != k.size()
        || k.heads() != v.heads()
        || k.length() != v.length()
        || q.batch() != k.batch()
        || q.batch() != v.batch()
        || k.heads() == 0
        || q.heads() % k.heads() != 0) {
      throw inputs.invalid(
          "q %s, k %s and v %s do not fit"
              .formatted(inputs.shape(0), inputs.shape(1), inputs.shape(2)));
    }
    if (inputs.has(PAST_KEY) != inputs.has(PAST_VALUE)) {
      throw inputs.invalid("past keys and past values go together");
    }
    int past = inputs.has(PAST_KEY) ? inputs.shape(PAST_KEY).extent(2) : 0;
    Heads heads = new Heads(q, k, v, q.withSize(v.size()), past);
    if (inputs.has(PAST_KEY)) {
      Shape keys = Shape.of(k.batch(), k.heads(), past, k.size());
      Shape values = Shape.of(v.batch(), v.heads(), past, v.size());
      if (!inputs.shape(PAST_KEY).equals(keys) || !inputs.shape(PAST_VALUE).equals(values)) {
        throw inputs.invalid(
            "past keys %s and values %s, expected %s and %s"
                .formatted(inputs.shape(PAST_KEY), inputs.shape(PAST_VALUE), keys, values));
      }
    }
    return heads;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Heads heads = heads(inputs);
    checkMask(inputs, heads);
    Shape scores = Shape.of(heads.q().batch(), heads.q().heads(), heads.q().length(), heads.keys());
    return List.of(
            inputs.type(0).withShape(result(heads.y())),
            inputs.type(1).withShape(heads.presentKeys().shape()),
            inputs.type(2).withShape(heads.presentValues().shape()),
            inputs.type(0).withShape(scores))
        .subList(0, Math.clamp(outputs, 1, 4));
  }

  private HeadLayout layout(OperatorInputs inputs, int input, int count) {
    return lengthFirst
        ? HeadLayout.ofLengthFirst(inputs, input)
        : HeadLayout.of(inputs, input, count);
  }

  private Shape result(HeadLayout y) {
    return lengthFirst ? Shape.of(y.batch(), y.length(), y.heads(), y.size()) : y.shape();
  }

  private static void checkMask(OperatorInputs inputs, Heads heads) {
    if (!inputs.has(MASK)) {
      return;
    }
    Shape mask = inputs.shape(MASK);
    if (mask.rank() < 1 || mask.rank() > 4 || mask.extent(-1) > heads.keys()) {
      throw inputs.invalid("mask %s for %d keys".formatted(mask, heads.keys()));
    }
    Shape scores =
        Shape.of(heads.q().batch(), heads.q().heads(), heads.q().length(), mask.extent(-1));
    if (!BroadcastLoops.shape(inputs, scores, mask).equals(scores)) {
      throw inputs.invalid("mask " + mask + " does not broadcast to the scores " + scores);
    }
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    return AttentionKernel.prepare(this, inputs, context.kernels());
  }
}
