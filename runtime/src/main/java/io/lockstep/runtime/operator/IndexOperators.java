package io.lockstep.runtime.operator;

import static java.util.Map.entry;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import java.util.Map;
import java.util.function.Function;

/**
 * Operators that find, pick, place, order and draw elements, and summations by labels, by ONNX
 * name.
 */
public final class IndexOperators {

  private static final Map<String, Function<NodeAttributes, Operator>> TABLE =
      Map.ofEntries(
          entry("ArgMax", ArgExtreme.of(true)),
          entry("ArgMin", ArgExtreme.of(false)),
          entry("Bernoulli", Bernoulli::of),
          entry("BitCast", BitCast::of),
          entry("CenterCropPad", CenterCropPad::of),
          entry("Compress", Compress::of),
          entry("CumProd", Cumulative.of(true)),
          entry("CumSum", Cumulative.of(false)),
          entry("DepthToSpace", DepthSpace::toSpace),
          entry("Det", Determinant::of),
          entry("Einsum", Einsum::of),
          entry("EyeLike", EyeLike::of),
          entry("GatherElements", GatherElements::of),
          entry("GatherND", GatherTuples::of),
          entry("Multinomial", Multinomial::of),
          entry("NonZero", NonZero::of),
          entry("OneHot", OneHot::of),
          entry("Pad", Pad::of),
          entry("RandomNormal", RandomNumbers.of(true)),
          entry("RandomNormalLike", RandomNumbers.of(true)),
          entry("RandomUniform", RandomNumbers.of(false)),
          entry("RandomUniformLike", RandomNumbers.of(false)),
          entry("ReverseSequence", ReverseSequence::of),
          entry("Scatter", ScatterElements::of),
          entry("ScatterElements", ScatterElements::of),
          entry("ScatterND", ScatterTuples::of),
          entry("SpaceToDepth", DepthSpace::toDepth),
          entry("TensorScatter", CacheUpdate::of),
          entry("TopK", TopK::of),
          entry("Trilu", Trilu::of),
          entry("Unique", Unique::of));

  private IndexOperators() {}

  /** The factory of each operator. */
  public static Map<String, Function<NodeAttributes, Operator>> table() {
    return TABLE;
  }
}
