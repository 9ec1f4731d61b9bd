package io.lockstep.runtime.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.operator.Attributes;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.Tensors;
import java.util.List;
import org.junit.jupiter.api.Test;

class FuseElementwiseTest {

  private final Sketched sketch = new Sketched();

  private Value number(float value) {
    return sketch.constant(Tensors.scalar(value));
  }

  /** A zero point. */
  private Value zero(int value) {
    return sketch.constant(Tensors.ofBytes(DType.UINT8, Shape.of(), (byte) value));
  }

  /** Fuses and checks that the outputs have the bits that they had. */
  private Graph fused(Value... outputs) {
    Graph before = sketch.graph(outputs);
    Graph after = sketch.rewritten(new FuseElementwise(), before);
    List<Tensor> expected = sketch.run(before);
    List<Tensor> actual = sketch.run(after);
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i).type(), actual.get(i).type());
      assertArrayEquals(expected.get(i).toFloats(), actual.get(i).toFloats());
    }
    return after;
  }

  private static void assertOperators(Graph graph, int chains, int all) {
    assertEquals(chains, Sketched.count(graph, "ElementwiseChain"));
    assertEquals(all, graph.nodes().size());
  }

  @Test
  void arithmeticAndFunctionsBecomeOneLoop() {
    Value x = sketch.input(2, 3, 5);
    Value scaled = sketch.node("Mul", x, sketch.constant(5));
    Value shifted = sketch.node("Add", sketch.constant(1, 1, 5), scaled);
    Value gated = sketch.node("Mul", sketch.node("Sigmoid", shifted), sketch.input(2, 3, 5));
    assertOperators(fused(sketch.node("Div", gated, number(3))), 1, 1);
  }

  @Test
  void operandsBroadcastInEveryDirection() {
    Value x = sketch.input(2, 3, 5);
    Value perRow = sketch.node("Add", x, sketch.input(3, 1));
    Value perImage = sketch.node("Mul", perRow, sketch.input(2, 1, 1));
    assertOperators(fused(sketch.node("Relu", perImage)), 1, 1);
  }

  @Test
  void bytesGoInAndOut() {
    Value bytes = sketch.node("QuantizeLinear", sketch.input(4, 9), number(0.05f), zero(120));
    Value first = sketch.node("Relu", sketch.node("Mul", bytes(bytes), number(1.5f)));
    Value again = sketch.node("QuantizeLinear", first, number(0.02f), zero(3));
    Graph after = fused(sketch.node("DequantizeLinear", again, number(0.02f), zero(3)));
    assertOperators(after, 1, 4);
  }

  private Value bytes(Value quantized) {
    Value passed = sketch.node("Reshape", quantized, shape(9, 4));
    return sketch.node("DequantizeLinear", passed, number(0.05f), zero(120));
  }

  private Value shape(long... extents) {
    return sketch.constant(Tensors.ofLongs(Shape.of(extents.length), extents));
  }

  @Test
  void whatIsReadTwiceIsStored() {
    Value x = sketch.node("Mul", sketch.input(3, 4), sketch.input(3, 4));
    Value a = sketch.node("Exp", sketch.node("Neg", x));
    Value b = sketch.node("Tanh", x);
    assertOperators(fused(a, b), 1, 3);
  }

  @Test
  void anOutputOfTheGraphIsStored() {
    Value x = sketch.node("Exp", sketch.input(3, 4));
    assertOperators(fused(x, sketch.node("Neg", x)), 0, 2);
  }

  @Test
  void longChainsAreCutWhereRegistersWouldRunOut() {
    Value x = sketch.input(3, 4);
    for (int i = 0; i < 20; i++) {
      x = sketch.node("Tanh", sketch.node("Add", x, sketch.input(3, 4)));
    }
    Graph after = fused(x);
    assertEquals(0, Sketched.count(after, "Tanh"));
  }

  @Test
  void normalizationByKnownStatisticsIsAStep() {
    Value image =
        sketch.node(
            Attributes.of("Conv").ints("pads", 1, 1, 1, 1),
            sketch.input(1, 3, 4, 4),
            sketch.constant(5, 3, 3, 3));
    Value normal =
        sketch.node(
            "BatchNormalization",
            sketch.node("Sigmoid", image),
            sketch.constant(5),
            sketch.constant(5),
            sketch.constant(5),
            sketch.constant(Tensors.ofFloats(Shape.of(5), 1, 2, 0.5f, 3, 1)));
    Graph before = sketch.graph(sketch.node("Relu", normal));
    Graph last = sketch.rewritten(new ChooseLayout(), before);
    Graph after = sketch.rewritten(new FuseElementwise(), last);
    assertEquals(1, Sketched.count(after, "ElementwiseChain"));
    assertEquals(0, Sketched.count(after, "BatchNormalization"));
    assertArrayEquals(
        sketch.run(last).getFirst().toFloats(), sketch.run(after).getFirst().toFloats());
  }

  private Value cast(DType to, Value x) {
    return sketch.node(Attributes.of("Cast").with("to", to.onnxCode()), x);
  }

  private Value longs(Shape shape, long... values) {
    return sketch.input(Tensors.ofLongs(shape, values));
  }

  @Test
  void aMaskOfIntegersIsPreparedInOneLoop() {
    Value mask = longs(Shape.of(2, 1, 1, 3), 1, 1, 0, 1, 0, 0);
    Value hidden = sketch.node("Sub", number(1), cast(DType.FLOAT32, mask));
    assertOperators(fused(sketch.node("Mul", hidden, number(-1e9f))), 1, 1);
  }

  @Test
  void comparisonsAndChoicesAreSteps() {
    Value ids = longs(Shape.of(2, 3), 7, 0, -1, 0, 5L << 32, 0);
    Value isPadding = sketch.node("Equal", ids, sketch.constant(Tensors.ofLongs(Shape.of(), 0)));
    Value isLarge = sketch.node("Greater", sketch.input(2, 3), sketch.input(3));
    Value hidden = sketch.node("Or", sketch.node("Not", isPadding), isLarge);
    Value low = number(Float.NEGATIVE_INFINITY);
    assertOperators(fused(sketch.node("Where", hidden, sketch.input(2, 3), low)), 1, 1);
  }

  @Test
  void aResultMayHaveAnyTypeOfAChain() {
    Value sum = sketch.node("Add", sketch.input(4, 5), sketch.input(5));
    Value truth = sketch.node("LessOrEqual", sum, number(0.5f));
    assertOperators(fused(cast(DType.INT64, sketch.node("Not", truth))), 1, 1);
  }

  @Test
  void whatLoopsDoNotComputeLeavesTheRestJoined() {
    Value ids = sketch.node("Add", longs(Shape.of(3), 1, 2, 3), longs(Shape.of(3), 4, 5, 6));
    Value x = sketch.node("Mul", cast(DType.FLOAT32, ids), sketch.input(3));
    Graph after = fused(sketch.node("Exp", x));
    assertEquals(2, sketch.steps(after));
  }

  @Test
  void stepsOnFewerElementsAreALoopOfTheirOwn() {
    Value mask = cast(DType.FLOAT32, longs(Shape.of(1, 3), 1, 0, 1));
    Value hidden = sketch.node("Mul", sketch.node("Sub", number(1), mask), number(-1e9f));
    Value sum = sketch.node("Add", sketch.input(4, 3), hidden);
    Graph after = fused(sketch.node("Exp", sum));
    assertEquals(2, sketch.steps(after));
  }

  @Test
  void aConstantOfHigherRankKeepsItsRank() {
    Value x = sketch.node("Neg", sketch.input(5));
    fused(sketch.node("Mul", x, sketch.constant(Tensors.ofFloats(Shape.of(1, 1), 2))));
  }

  @Test
  void functionsOfSeveralStepsAreFused() {
    Value x = sketch.node("Add", sketch.input(4, 5), sketch.input(5));
    Value y = sketch.node(Attributes.of("Celu").with("alpha", 1.5f), sketch.node("Sign", x));
    Value z = sketch.node("Selu", sketch.node("Mish", y));
    assertOperators(fused(sketch.node("Pow", z, number(3))), 1, 1);
  }

  @Test
  void functionsOfTooManyStepsRunOneByOne() {
    Value x = sketch.input(4, 5);
    for (int i = 0; i < 8; i++) {
      x = sketch.node(Attributes.of("Shrink").with("lambd", 0.1f).with("bias", 0.01f), x);
    }
    assertEquals(8, sketch.steps(fused(x)));
  }
}
