package io.lockstep.runtime.operator;

import static io.lockstep.runtime.operator.OnnxRuntimeReference.assertAgrees;

import ai.onnxruntime.OrtException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The operators of com.microsoft against ONNX Runtime. */
final class MicrosoftOperatorsTest {

  private static final double FLOAT_TOLERANCE = 1e-5;

  /** Elements of quantised outputs may round to the neighbour of a tie. */
  private static final double QUANTISED_TOLERANCE = 1;

  private final Random random = new Random(11);

  private Tensor floats(int... extents) {
    Tensor tensor = Tensors.zeros(TensorType.of(DType.FLOAT32, extents));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, (float) random.nextGaussian());
    }
    return tensor;
  }

  private Tensor bytes(DType type, int... extents) {
    Tensor tensor = Tensors.zeros(TensorType.of(type, extents));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setByte(i, (byte) random.nextInt(256));
    }
    return tensor;
  }

  private static Tensor zeroPoint(DType type, int value) {
    return Tensors.ofBytes(type, Shape.scalar(), (byte) value);
  }

  private static void check(Attributes attributes, double tolerance, int constants, Tensor... in)
      throws OrtException {
    List<Tensor> expected = OnnxRuntimeReference.run("com.microsoft", attributes, constants, in);
    Function<NodeAttributes, Operator> factory =
        MicrosoftOperators.table().get("com.microsoft:" + attributes.operator());
    List<Tensor> actual =
        OperatorRunner.on(ScalarKernels.create()).run(factory.apply(attributes), in);
    for (int i = 0; i < expected.size(); i++) {
      assertAgrees(expected.get(i), actual.get(i), tolerance);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3})
  void fusedMatMulSwapsEitherOperand(long swaps) throws OrtException {
    boolean a = (swaps & 1) != 0;
    boolean b = (swaps & 2) != 0;
    check(
        Attributes.of("FusedMatMul")
            .with("alpha", 0.5f)
            .with("transA", a ? 1L : 0L)
            .with("transB", b ? 1L : 0L),
        FLOAT_TOLERANCE,
        0,
        a ? floats(2, 5, 3) : floats(2, 3, 5),
        b ? floats(2, 4, 5) : floats(2, 5, 4));
  }

  @Test
  void fusedGemmAppliesItsActivation() throws OrtException {
    check(
        Attributes.of("FusedGemm")
            .with("alpha", 0.5f)
            .with("transB", 1L)
            .with("activation", "LeakyRelu")
            .with("activation_alpha", 0.2f),
        FLOAT_TOLERANCE,
        0,
        floats(3, 5),
        floats(4, 5),
        floats(4));
  }

  @Test
  void fusedConvAddsAndActivates() throws OrtException {
    check(
        Attributes.of("FusedConv")
            .ints("pads", 1, 1, 1, 1)
            .ints("kernel_shape", 3, 3)
            .with("activation", "Relu"),
        FLOAT_TOLERANCE,
        0,
        floats(2, 3, 6, 5),
        floats(4, 3, 3, 3),
        floats(4),
        floats(2, 4, 6, 5));
  }

  @Test
  void gelus() throws OrtException {
    check(Attributes.of("Gelu"), FLOAT_TOLERANCE, 0, floats(3, 7));
    check(Attributes.of("QuickGelu").with("alpha", 1.3f), FLOAT_TOLERANCE, 0, floats(3, 7));
    check(Attributes.of("BiasGelu"), FLOAT_TOLERANCE, 0, floats(3, 7), floats(7));
    check(Attributes.of("FastGelu"), FLOAT_TOLERANCE, 0, floats(3, 7), floats(7));
    check(Attributes.of("FastGelu"), FLOAT_TOLERANCE, 0, floats(3, 7));
  }

  @Test
  void skipLayerNormalizations() throws OrtException {
    check(
        Attributes.of("SkipLayerNormalization").with("epsilon", 1e-5f),
        FLOAT_TOLERANCE,
        0,
        floats(2, 3, 8),
        floats(2, 3, 8),
        floats(8),
        floats(8),
        floats(8));
    check(
        Attributes.of("SkipSimplifiedLayerNormalization").with("epsilon", 1e-5f),
        FLOAT_TOLERANCE,
        0,
        floats(2, 3, 8),
        floats(2, 3, 8),
        floats(8));
  }

  @Test
  void embedLayerNormalizationCountsItsMask() throws OrtException {
    check(
        Attributes.of("EmbedLayerNormalization").with("epsilon", 1e-5f).outputs(2),
        FLOAT_TOLERANCE,
        0,
        Tensors.ofInts(Shape.of(2, 3), 1, 4, 2, 0, 3, 3),
        Tensors.ofInts(Shape.of(2, 3), 0, 0, 1, 1, 0, 1),
        floats(5, 8),
        floats(6, 8),
        floats(2, 8),
        floats(8),
        floats(8),
        Tensors.ofInts(Shape.of(2, 3), 1, 1, 0, 1, 0, 0));
  }

  @Test
  void attentionWithEachKindOfMask() throws OrtException {
    Tensor x = floats(2, 4, 8);
    Tensor weights = floats(8, 24);
    Tensor bias = floats(24);
    Attributes heads = Attributes.of("Attention").with("num_heads", 2L);
    check(heads, FLOAT_TOLERANCE, 0, x, weights, bias);
    check(heads, FLOAT_TOLERANCE, 0, x, weights, bias, Tensors.ofInts(Shape.of(2), 3, 4));
    check(
        heads,
        FLOAT_TOLERANCE,
        0,
        x,
        weights,
        bias,
        Tensors.ofInts(Shape.of(2, 4), 1, 1, 0, 0, 1, 1, 1, 0));
    check(
        Attributes.of("Attention").with("num_heads", 2L).with("unidirectional", 1L),
        FLOAT_TOLERANCE,
        0,
        x,
        weights,
        bias);
  }

  @Test
  void multiHeadAttentionAcrossTwoSequences() throws OrtException {
    Attributes heads = Attributes.of("MultiHeadAttention").with("num_heads", 2L);
    check(heads, FLOAT_TOLERANCE, 0, floats(2, 3, 8), floats(2, 5, 8), floats(2, 5, 8));
    check(
        heads,
        FLOAT_TOLERANCE,
        0,
        floats(2, 3, 8),
        floats(2, 5, 8),
        floats(2, 5, 8),
        floats(24),
        Tensors.ofInts(Shape.of(2, 5), 1, 1, 1, 0, 0, 1, 1, 1, 1, 0));
  }

  @Test
  void rotaryEmbedding() throws OrtException {
    check(
        Attributes.of("RotaryEmbedding"),
        FLOAT_TOLERANCE,
        0,
        floats(2, 2, 3, 4),
        Tensors.ofLongs(Shape.of(2, 3), 0, 1, 2, 3, 4, 5),
        floats(8, 2),
        floats(8, 2));
    check(
        Attributes.of("RotaryEmbedding").with("interleaved", 1L),
        FLOAT_TOLERANCE,
        0,
        floats(2, 2, 3, 4),
        Tensors.ofLongs(Shape.of(1), 2),
        floats(8, 2),
        floats(8, 2));
  }

  @Test
  void dynamicQuantizeMatMul() throws OrtException {
    check(
        Attributes.of("DynamicQuantizeMatMul"),
        1e-4,
        4,
        floats(3, 16),
        bytes(DType.INT8, 16, 5),
        Tensors.ofFloats(Shape.of(5), 0.1f, 0.2f, 0.3f, 0.1f, 0.2f),
        Tensors.ofBytes(DType.INT8, Shape.of(5), new byte[5]),
        floats(5));
  }

  @Test
  void matMulIntegerToFloat() throws OrtException {
    check(
        Attributes.of("MatMulIntegerToFloat"),
        FLOAT_TOLERANCE,
        0,
        bytes(DType.UINT8, 3, 16),
        bytes(DType.INT8, 16, 5),
        Tensors.scalar(0.05f),
        Tensors.scalar(0.02f),
        zeroPoint(DType.UINT8, 120),
        zeroPoint(DType.INT8, 3),
        floats(5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"QLinearAdd", "QLinearMul"})
  void quantisedArithmetic(String operator) throws OrtException {
    check(
        Attributes.of(operator),
        QUANTISED_TOLERANCE,
        0,
        bytes(DType.UINT8, 4, 6),
        Tensors.scalar(0.05f),
        zeroPoint(DType.UINT8, 100),
        bytes(DType.UINT8, 6),
        Tensors.scalar(0.03f),
        zeroPoint(DType.UINT8, 130),
        Tensors.scalar(0.08f),
        zeroPoint(DType.UINT8, 128));
  }

  @ParameterizedTest
  @ValueSource(strings = {"QLinearSigmoid", "QLinearLeakyRelu"})
  void quantisedActivations(String operator) throws OrtException {
    check(
        Attributes.of(operator),
        QUANTISED_TOLERANCE,
        4,
        bytes(DType.UINT8, 4, 6),
        Tensors.scalar(0.05f),
        zeroPoint(DType.UINT8, 100),
        Tensors.scalar(0.04f),
        zeroPoint(DType.UINT8, 20));
  }

  @Test
  void quantisedSoftmax() throws OrtException {
    check(
        Attributes.of("QLinearSoftmax").with("axis", -1L).with("opset", 13L),
        QUANTISED_TOLERANCE,
        4,
        bytes(DType.UINT8, 4, 6),
        Tensors.scalar(0.02f),
        zeroPoint(DType.UINT8, 100),
        Tensors.scalar(1f / 256),
        zeroPoint(DType.UINT8, 0));
  }

  @Test
  void quantisedConcat() throws OrtException {
    check(
        Attributes.of("QLinearConcat").with("axis", 1L),
        QUANTISED_TOLERANCE,
        0,
        Tensors.scalar(0.04f),
        zeroPoint(DType.UINT8, 110),
        bytes(DType.UINT8, 2, 3),
        Tensors.scalar(0.02f),
        zeroPoint(DType.UINT8, 100),
        bytes(DType.UINT8, 2, 2),
        Tensors.scalar(0.03f),
        zeroPoint(DType.UINT8, 90));
  }

  @Test
  void quantisedPools() throws OrtException {
    Tensor[] in = {
      bytes(DType.UINT8, 2, 3, 6, 6),
      Tensors.scalar(0.02f),
      zeroPoint(DType.UINT8, 100),
      Tensors.scalar(0.03f),
      zeroPoint(DType.UINT8, 90)
    };
    check(Attributes.of("QLinearGlobalAveragePool"), QUANTISED_TOLERANCE, 0, in);
    check(
        Attributes.of("QLinearAveragePool").ints("kernel_shape", 2, 2).ints("strides", 2, 2),
        QUANTISED_TOLERANCE,
        0,
        in);
  }

  @Test
  void quantisedGemm() throws OrtException {
    check(
        Attributes.of("QGemm").with("transB", 1L),
        QUANTISED_TOLERANCE,
        0,
        bytes(DType.UINT8, 3, 8),
        Tensors.scalar(0.02f),
        zeroPoint(DType.UINT8, 100),
        bytes(DType.INT8, 4, 8),
        Tensors.scalar(0.01f),
        zeroPoint(DType.INT8, 0),
        Tensors.ofInts(Shape.of(4), 100, -200, 300, 0),
        Tensors.scalar(0.1f),
        zeroPoint(DType.UINT8, 128));
  }

  @Test
  void quantisedAttention() throws OrtException {
    check(
        Attributes.of("QAttention").with("num_heads", 2L),
        1e-4,
        0,
        bytes(DType.UINT8, 2, 4, 8),
        bytes(DType.INT8, 8, 24),
        floats(24),
        Tensors.scalar(0.01f),
        Tensors.scalar(0.01f),
        Tensors.ofInts(Shape.of(2), 4, 3),
        zeroPoint(DType.UINT8, 128),
        zeroPoint(DType.INT8, 0));
  }

  @ParameterizedTest
  @ValueSource(longs = {2, 4, 8})
  void matMulOfFewBits(long bits) throws OrtException {
    int blockBytes = (int) (16 * bits / 8);
    check(
        Attributes.of("MatMulNBits")
            .with("K", 40L)
            .with("N", 5L)
            .with("bits", bits)
            .with("block_size", 16L),
        1e-4,
        3,
        floats(3, 40),
        bytes(DType.UINT8, 5, 3, blockBytes),
        floats(15),
        bytes(DType.UINT8, 5 * Math.ceilDiv(3 * (int) bits, 8)));
  }

  @Test
  void matMulOfFewBitsTakesZeroPointsThatAreFloatsAndABias() throws OrtException {
    check(
        Attributes.of("MatMulNBits")
            .with("K", 128L)
            .with("N", 7L)
            .with("bits", 4L)
            .with("block_size", 64L)
            .with("accuracy_level", 1L),
        1e-3,
        5,
        floats(3, 128),
        bytes(DType.UINT8, 7, 2, 32),
        floats(14),
        floats(14),
        null,
        floats(7));
  }
}
