package io.lockstep.runtime.operator;

import static java.util.Map.entry;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import java.util.Map;
import java.util.function.Function;

/** Operators of the domain com.microsoft, which ONNX Runtime's tools write into models, by name. */
public final class MicrosoftOperators {

  private static final Map<String, Function<NodeAttributes, Operator>> TABLE =
      Map.ofEntries(
          entry("SimplifiedLayerNormalization", NormalizationRecipes::simplified),
          entry("com.microsoft:Attention", AttentionRecipes::attention),
          entry("com.microsoft:BiasGelu", FusedRecipes::biasGelu),
          entry("com.microsoft:DequantizeLinear", DequantizeLinear::of),
          entry("com.microsoft:DynamicQuantizeLSTM", QuantRecipes::lstm),
          entry("com.microsoft:DynamicQuantizeMatMul", QuantRecipes::dynamicMatMul),
          entry("com.microsoft:EmbedLayerNormalization", NormalizationRecipes::embed),
          entry("com.microsoft:FastGelu", FusedRecipes::fastGelu),
          entry("com.microsoft:FusedConv", FusedRecipes::conv),
          entry("com.microsoft:FusedGemm", FusedRecipes::gemm),
          entry("com.microsoft:FusedMatMul", FusedRecipes::matMul),
          entry("com.microsoft:Gelu", FusedRecipes::gelu),
          entry("com.microsoft:MatMulIntegerToFloat", QuantRecipes::matMulToFloat),
          entry("com.microsoft:MatMulNBits", MatMulNBits::of),
          entry("com.microsoft:MultiHeadAttention", AttentionRecipes::multiHead),
          entry("com.microsoft:QAttention", AttentionRecipes::quantized),
          entry("com.microsoft:QGemm", QuantRecipes::gemm),
          entry("com.microsoft:QLinearAdd", QuantRecipes::add),
          entry("com.microsoft:QLinearAveragePool", QuantRecipes::averagePool),
          entry("com.microsoft:QLinearConcat", QuantRecipes::concat),
          entry("com.microsoft:QLinearGlobalAveragePool", QuantRecipes::globalAveragePool),
          entry("com.microsoft:QLinearLeakyRelu", QuantRecipes::leakyRelu),
          entry("com.microsoft:QLinearMul", QuantRecipes::multiply),
          entry("com.microsoft:QLinearSigmoid", QuantRecipes::sigmoid),
          entry("com.microsoft:QLinearSoftmax", QuantRecipes::softmax),
          entry("com.microsoft:QuantizeLinear", QuantizeLinear::of),
          entry("com.microsoft:QuickGelu", FusedRecipes::quickGelu),
          entry("com.microsoft:RotaryEmbedding", AttentionRecipes::rotary),
          entry("com.microsoft:SimplifiedLayerNormalization", NormalizationRecipes::simplified),
          entry("com.microsoft:SkipLayerNormalization", NormalizationRecipes::skipLayer),
          entry(
              "com.microsoft:SkipSimplifiedLayerNormalization",
              NormalizationRecipes::skipSimplified));

  private MicrosoftOperators() {}

  /** The factory of each operator. */
  public static Map<String, Function<NodeAttributes, Operator>> table() {
    return TABLE;
  }
}
