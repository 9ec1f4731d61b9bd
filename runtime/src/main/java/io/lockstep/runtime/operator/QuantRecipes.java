package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.UnaryFunction;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The com.microsoft operators over quantised tensors, most of them by way of floats. */
final class QuantRecipes {

  private static final DequantizeLinear DEQUANTIZE = new DequantizeLinear(1, 0, 0);
  private static final QuantizeLinear QUANTIZE = new QuantizeLinear(1, 0, 0);

  private QuantRecipes() {}

  /**
   * DynamicQuantizeMatMul 1: a quantised by its own range, times constant 8-bit b. Inputs: a, b,
   * b's scale, b's zero point, bias.
   */
  static Operator dynamicMatMul(NodeAttributes attributes) {
    return new Composed(
        "DynamicQuantizeMatMul",
        sketch -> {
          List<Value> rows = sketch.nodes(new DynamicQuantizeRows(), 3, sketch.input(0));
          return List.of(
              sketch.node(
                  new QuantMatMulRows(Activation.NONE),
                  rows.get(0),
                  rows.get(1),
                  rows.get(2),
                  sketch.input(1),
                  sketch.input(2),
                  sketch.optional(3),
                  sketch.optional(4)));
        });
  }

  /** MatMulIntegerToFloat 1. Inputs: a, b, their scales, their zero points, bias. */
  static Operator matMulToFloat(NodeAttributes attributes) {
    return new Composed(
        "MatMulIntegerToFloat",
        sketch ->
            List.of(
                scaledProduct(
                    sketch,
                    sketch.input(0),
                    sketch.input(1),
                    sketch.input(2),
                    sketch.input(3),
                    sketch.optional(4),
                    sketch.optional(5),
                    sketch.optional(6))));
  }

  /** (a - aZero) (b - bZero) aScale bScale + bias. */
  static Value scaledProduct(
      Sketch sketch,
      Value a,
      Value b,
      Value aScale,
      Value bScale,
      @Nullable Value aZero,
      @Nullable Value bZero,
      @Nullable Value bias) {
    Value product = sketch.node(new MatMulInteger(), a, b, aZero, bZero);
    Value floats =
        sketch.node(Sketch.standard("Cast", 1, 1, "to", (long) DType.FLOAT32.onnxCode()), product);
    Value scaled = sketch.multiply(floats, sketch.multiply(aScale, bScale));
    return bias == null ? scaled : sketch.add(scaled, bias);
  }

  /** QLinearAdd 1. Inputs: a, scale, zero point; b, scale, zero point; y's scale, zero point. */
  static Operator add(NodeAttributes attributes) {
    return binary("QLinearAdd", "Add");
  }

  /** QLinearMul 1, with inputs as QLinearAdd. */
  static Operator multiply(NodeAttributes attributes) {
    return binary("QLinearMul", "Mul");
  }

  private static Operator binary(String name, String standard) {
    return Composed.ofAnyTypes(
        name,
        sketch -> {
          Value a = dequantized(sketch, 0);
          Value b = dequantized(sketch, 3);
          Value y = sketch.node(Sketch.standard(standard, 2, 1), a, b);
          return List.of(quantized(sketch, y, 6));
        });
  }

  private static Value dequantized(Sketch sketch, int first) {
    return sketch.node(
        DEQUANTIZE, sketch.input(first), sketch.input(first + 1), sketch.optional(first + 2));
  }

  private static Value quantized(Sketch sketch, Value y, int scale) {
    return sketch.node(QUANTIZE, y, sketch.input(scale), sketch.optional(scale + 1));
  }

  /** One quantised input, its scale and zero point, and those of y. */
  private static Operator unary(String name, Operator standard) {
    return Composed.ofAnyTypes(
        name,
        sketch -> List.of(quantized(sketch, sketch.node(standard, dequantized(sketch, 0)), 3)));
  }

  static Operator sigmoid(NodeAttributes attributes) {
    return unary("QLinearSigmoid", new Unary("Sigmoid", Activation.of(UnaryFunction.SIGMOID)));
  }

  static Operator leakyRelu(NodeAttributes attributes) {
    float alpha = attributes.floatOr("alpha", 0.01f);
    return unary(
        "QLinearLeakyRelu",
        new Unary("LeakyRelu", new Activation(UnaryFunction.LEAKY_RELU, alpha, 0)));
  }

  static Operator softmax(NodeAttributes attributes) {
    boolean flattens = attributes.intOr("opset", 13) < 13;
    long axis = attributes.intOr("axis", flattens ? 1 : -1);
    return unary("QLinearSoftmax", new Softmax(axis, flattens, false));
  }

  static Operator averagePool(NodeAttributes attributes) {
    return unary("QLinearAveragePool", PlanePool.average(attributes));
  }

  static Operator globalAveragePool(NodeAttributes attributes) {
    if (attributes.intOr("channels_last", 0) != 0) {
      throw new UnsupportedModelException("QLinearGlobalAveragePool: channels_last");
    }
    return unary("QLinearGlobalAveragePool", GlobalPool.average(attributes));
  }

  /** QLinearConcat 1. Inputs: y's scale and zero point, then each input with its own. */
  static Operator concat(NodeAttributes attributes) {
    long axis = attributes.intOr("axis", 0);
    return Composed.ofAnyTypes(
        "QLinearConcat",
        sketch -> {
          List<Value> parts = new ArrayList<>();
          for (int i = 2; i < sketch.count(); i += 3) {
            parts.add(dequantized(sketch, i));
          }
          Value y =
              sketch.node(
                  Sketch.standard("Concat", parts.size(), 1, "axis", axis),
                  parts.toArray(Value[]::new));
          return List.of(quantized(sketch, y, 0));
        });
  }

  /**
   * QGemm 1: alpha a b + c, quantised when y's scale is there. Inputs: a, scale, zero point; b,
   * scale, zero point; c INT32 in units of the product's scale; y's scale, zero point.
   */
  static Operator gemm(NodeAttributes attributes) {
    float alpha = attributes.floatOr("alpha", 1);
    boolean transposeA = attributes.intOr("transA", 0) != 0;
    boolean transposeB = attributes.intOr("transB", 0) != 0;
    return new Composed(
        "QGemm",
        sketch -> {
          Value a = dequantized(sketch, 0);
          boolean perColumn = sketch.known().shape(4).size() > 1;
          Value b =
              sketch.node(
                  new DequantizeLinear(transposeB || !perColumn ? 0 : 1, 0, 0),
                  sketch.input(3),
                  sketch.input(4),
                  sketch.optional(5));
          Value c = sketch.optional(6);
          Operator product = new Gemm(alpha, alpha, transposeA, transposeB, Activation.NONE);
          if (c != null) {
            Value unit = sketch.multiply(sketch.input(1), sketch.input(4));
            Value floats =
                sketch.node(
                    Sketch.standard("Cast", 1, 1, "to", (long) DType.FLOAT32.onnxCode()), c);
            c = sketch.multiply(floats, unit);
          }
          Value y = sketch.node(product, a, b, c);
          return List.of(sketch.optional(7) == null ? y : quantized(sketch, y, 7));
        });
  }

  /**
   * DynamicQuantizeLSTM 1: an LSTM over 8-bit weights W [directions, input, 4 hidden] and R
   * [directions, hidden, 4 hidden], here turned back into floats, so that nothing is lost on the
   * activations' side. Inputs: the LSTM's eight, then scale and zero point of W and of R.
   */
  static Operator lstm(NodeAttributes attributes) {
    Operator lstm = Lstm.of(attributes);
    return new Composed(
        "DynamicQuantizeLSTM",
        sketch ->
            sketch.nodes(
                lstm,
                3,
                sketch.input(0),
                weights(sketch, 1, 8),
                weights(sketch, 2, 10),
                sketch.optional(3),
                sketch.optional(4),
                sketch.optional(5),
                sketch.optional(6),
                sketch.optional(7)));
  }

  private static Value weights(Sketch sketch, int input, int scale) {
    Operator cast = Sketch.standard("Cast", 1, 1, "to", (long) DType.FLOAT32.onnxCode());
    Shape scales = sketch.known().shape(scale);
    long[] spread = {scales.extent(0), 1, scales.rank() > 1 ? scales.extent(1) : 1};
    Value floats = sketch.node(cast, sketch.input(input));
    Value zero = sketch.reshape(sketch.node(cast, sketch.input(scale + 1)), spread);
    Value shifted = sketch.node(Sketch.standard("Sub", 2, 1), floats, zero);
    Value scaled = sketch.multiply(shifted, sketch.reshape(sketch.input(scale), spread));
    return sketch.node(new Transpose(List.of(0, 2, 1)), scaled);
  }
}
