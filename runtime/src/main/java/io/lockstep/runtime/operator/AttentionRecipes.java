package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The com.microsoft attention operators, as products around the standard one. */
final class AttentionRecipes {

  private AttentionRecipes() {}

  /**
   * What the operators have in common.
   *
   * @param scale 0 for 1 / sqrt(head size)
   * @param filter added to the scores of masked keys
   */
  private record Heads(long count, boolean causal, float scale, float filter) {

    static Heads of(NodeAttributes attributes) {
      return new Heads(
          attributes.intOr("num_heads", 1),
          attributes.intOr("unidirectional", 0) != 0,
          attributes.floatOr("scale", 0),
          attributes.floatOr("mask_filter_value", -10000));
    }

    Value attend(Sketch sketch, Value q, Value k, Value v, @Nullable Value bias) {
      Object[] attributes = {
        "q_num_heads", count, "kv_num_heads", count, "is_causal", causal ? 1L : 0L
      };
      if (scale != 0) {
        attributes = Arrays.copyOf(attributes, attributes.length + 2);
        attributes[attributes.length - 2] = "scale";
        attributes[attributes.length - 1] = scale;
      }
      Operator attention = Sketch.standard("Attention", bias == null ? 3 : 4, 1, attributes);
      return sketch.node(attention, q, k, v, bias);
    }
  }

  /**
   * Attention 1: queries, keys and values of one input. Inputs: x [batch, length, input]; weights
   * [input, q + k + v]; bias; mask; past, which is refused; scores to add.
   */
  static Operator attention(NodeAttributes attributes) {
    Heads heads = Heads.of(attributes);
    long[] sizes = attributes.ints("qkv_hidden_sizes");
    return new Composed(
        "Attention",
        sketch -> {
          refuse(sketch, 4, "past keys");
          Value product =
              sketch.node(new MatMul(1, false, Activation.NONE), sketch.input(0), sketch.input(1));
          Value bias = sketch.optional(2);
          Value qkv = bias == null ? product : sketch.add(product, bias);
          int columns = sketch.known().shape(1).extent(1);
          Value mask = mask(sketch, heads, 3, sketch.known().shape(0), sketch.optional(5));
          return List.of(split(sketch, heads, qkv, columns, sizes, mask));
        });
  }

  /**
   * QAttention 1: Attention over a quantised input and weights. Inputs: x, weights, bias, their
   * scales, mask, their zero points.
   */
  static Operator quantized(NodeAttributes attributes) {
    Heads heads = Heads.of(attributes);
    return new Composed(
        "QAttention",
        sketch -> {
          refuse(sketch, 8, "past keys");
          Value qkv =
              QuantRecipes.scaledProduct(
                  sketch,
                  sketch.input(0),
                  sketch.input(1),
                  sketch.input(3),
                  sketch.input(4),
                  sketch.optional(6),
                  sketch.optional(7),
                  sketch.input(2));
          int columns = sketch.known().shape(1).extent(1);
          Value mask = mask(sketch, heads, 5, sketch.known().shape(0), null);
          return List.of(split(sketch, heads, qkv, columns, new long[0], mask));
        });
  }

  private static void refuse(Sketch sketch, int input, String what) {
    if (sketch.known().has(input)) {
      throw new UnsupportedModelException("Attention with " + what + " (com.microsoft)");
    }
  }

  private static Value split(
      Sketch sketch, Heads heads, Value qkv, int columns, long[] sizes, @Nullable Value mask) {
    long third = columns / 3;
    long[] parts = sizes.length == 3 ? sizes : new long[] {third, third, third};
    List<Value> each =
        sketch.nodes(
            Sketch.standard("Split", 2, 3, "axis", -1L),
            3,
            qkv,
            sketch.constant(Tensors.vector(parts)));
    return heads.attend(sketch, each.get(0), each.get(1), each.get(2), mask);
  }

  /**
   * MultiHeadAttention 1. Inputs: queries, keys and values [batch, length, heads * size]; bias of
   * all three; mask; scores to add.
   */
  static Operator multiHead(NodeAttributes attributes) {
    Heads heads = Heads.of(attributes);
    return new Composed(
        "MultiHeadAttention",
        sketch -> {
          refuse(sketch, 6, "past keys");
          boolean separate =
              sketch.known().has(1) && sketch.known().has(2) && sketch.known().shape(1).rank() == 3;
          if (!separate || sketch.known().shape(0).rank() != 3) {
            throw new UnsupportedModelException("MultiHeadAttention over packed keys and values");
          }
          Value q = sketch.input(0);
          Value k = sketch.input(1);
          Value v = sketch.input(2);
          Value bias = sketch.optional(3);
          if (bias != null) {
            long queries = sketch.known().shape(0).extent(2);
            long values = sketch.known().shape(2).extent(2);
            List<Value> parts =
                sketch.nodes(
                    Sketch.standard("Split", 2, 3, "axis", 0L),
                    3,
                    bias,
                    sketch.constant(Tensors.vector(queries, queries, values)));
            q = sketch.add(q, parts.get(0));
            k = sketch.add(k, parts.get(1));
            v = sketch.add(v, parts.get(2));
          }
          Value mask = mask(sketch, heads, 4, sketch.known().shape(1), sketch.optional(5));
          return List.of(heads.attend(sketch, q, k, v, mask));
        });
  }

  /**
   * The scores to add: those given, plus the filter value wherever the mask has no 1. A mask is
   * [batch] of lengths, [batch, keys], or [batch, queries, keys].
   */
  private static @Nullable Value mask(
      Sketch sketch, Heads heads, int input, Shape keys, @Nullable Value scores) {
    Value mask = sketch.optional(input);
    if (mask == null) {
      return scores;
    }
    Shape shape = sketch.known().shape(input);
    int batch = keys.extent(0);
    int length = keys.extent(1);
    Operator cast = Sketch.standard("Cast", 1, 1, "to", (long) DType.FLOAT32.onnxCode());
    Value ones;
    if (shape.rank() == 1 && shape.size() == batch) {
      int[] positions = new int[length];
      Arrays.setAll(positions, i -> i);
      Value valid =
          sketch.node(
              Sketch.standard("Less", 2, 1),
              sketch.constant(Tensors.ofInts(Shape.of(1, length), positions)),
              sketch.reshape(mask, batch, 1));
      ones = sketch.reshape(sketch.node(cast, valid), batch, 1, 1, length);
    } else if (shape.rank() == 2) {
      ones = sketch.reshape(sketch.node(cast, mask), shape.extent(0), 1, 1, shape.extent(1));
    } else if (shape.rank() == 3) {
      ones =
          sketch.reshape(
              sketch.node(cast, mask), shape.extent(0), 1, shape.extent(1), shape.extent(2));
    } else {
      throw new UnsupportedModelException("an attention mask of shape " + shape);
    }
    Value masked = sketch.node(Sketch.standard("Sub", 2, 1), sketch.constant(1), ones);
    Value filtered = sketch.multiply(masked, sketch.constant(heads.filter()));
    return scores == null ? filtered : sketch.add(filtered, scores);
  }

  /**
   * RotaryEmbedding 1. Inputs: x; position ids [batch, length], or one offset; cosines and sines
   * [positions, size / 2].
   */
  static Operator rotary(NodeAttributes attributes) {
    Operator standard =
        Sketch.standard(
            "RotaryEmbedding",
            4,
            1,
            "interleaved",
            attributes.intOr("interleaved", 0),
            "num_heads",
            attributes.intOr("num_heads", 0),
            "rotary_embedding_dim",
            attributes.intOr("rotary_embedding_dim", 0));
    return new Composed(
        "RotaryEmbedding",
        sketch -> {
          Value positions = sketch.input(1);
          Shape x = sketch.known().shape(0);
          int length = x.extent(x.rank() - 2);
          if (sketch.known().shape(1).rank() < 2) {
            long[] steps = new long[x.extent(0) * length];
            Arrays.setAll(steps, i -> i % length);
            Value counted = sketch.constant(Tensors.ofLongs(Shape.of(x.extent(0), length), steps));
            positions = sketch.add(counted, positions);
          }
          return List.of(
              sketch.node(standard, sketch.input(0), sketch.input(2), sketch.input(3), positions));
        });
  }
}
