package io.lockstep.runtime.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.TensorAssert;
import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Spectra of signals, windows and losses. */
class SignalOperatorsTest {

  private final OperatorRunner runner = OperatorRunner.on(ScalarKernels.create());

  private static Operator operator(Attributes attributes) {
    return SignalOperators.table().get(attributes.operator()).apply(attributes);
  }

  private void assertValues(Tensor actual, double... expected) {
    Tensor wanted = Tensors.zeros(actual.type());
    assertEquals(expected.length, actual.size());
    for (int i = 0; i < expected.length; i++) {
      wanted.setFromDouble(i, expected[i]);
    }
    TensorAssert.assertClose(wanted, actual, 1e-5, 1e-6, "result");
  }

  @Test
  void transformsAnImpulseAndAWave() {
    Tensor impulse = Tensors.ofFloats(Shape.of(1, 4, 1), 1, 0, 0, 0);
    Operator whole = operator(Attributes.of("DFT"));
    assertValues(runner.first(whole, impulse), 1, 0, 1, 0, 1, 0, 1, 0);
    Tensor wave = Tensors.ofFloats(Shape.of(1, 4, 1), 1, 0, -1, 0);
    Operator half = operator(Attributes.of("DFT").with("onesided", 1L));
    assertValues(runner.first(half, wave), 0, 0, 2, 0, 0, 0);
  }

  @Test
  void theInverseGivesTheSignalBack() {
    Seeds.forAll(
        20,
        random -> {
          int length = random.nextInt(2, 30);
          Tensor x = Tensors.zeros(TensorType.of(DType.FLOAT32, 2, length, 1));
          for (long i = 0; i < x.size(); i++) {
            x.setFloat(i, random.nextFloat());
          }
          Tensor spectrum = runner.first(operator(Attributes.of("DFT")), x);
          Tensor back = runner.first(operator(Attributes.of("DFT").with("inverse", 1L)), spectrum);
          for (long i = 0; i < x.size(); i++) {
            assertEquals(x.getFloat(i), back.getFloat(2 * i), 1e-5);
            assertEquals(0, back.getFloat(2 * i + 1), 1e-5);
          }
          Tensor half = runner.first(operator(Attributes.of("DFT").with("onesided", 1L)), x);
          Operator unfold = operator(Attributes.of("DFT").with("onesided", 1L).with("inverse", 1L));
          Tensor real = runner.first(unfold, half, Tensors.scalar((long) length));
          TensorAssert.assertClose(x, real, 1e-4, 1e-5, "unfolded");
        });
  }

  @Test
  void transformsFramesOfASignal() {
    Tensor signal = Tensors.ofFloats(Shape.of(1, 6, 1), 1, 2, 3, 4, 5, 6);
    Tensor window = Tensors.ofFloats(Shape.of(2), 1, 0.5f);
    Tensor y = runner.first(operator(Attributes.of("STFT")), signal, Tensors.scalar(2L), window);
    assertEquals(Shape.of(1, 3, 2, 2), y.shape());
    assertValues(y, 2, 0, 0, 0, 5, 0, 1, 0, 8, 0, 2, 0);
    assertThrows(
        InvalidModelException.class,
        () -> runner.first(operator(Attributes.of("STFT")), signal, Tensors.scalar(0L), window));
  }

  @Test
  void makesWindows() {
    Tensor four = Tensors.scalar(4L);
    assertValues(runner.first(operator(Attributes.of("HannWindow")), four), 0, 0.5, 1, 0.5);
    assertValues(
        runner.first(
            operator(Attributes.of("HannWindow").with("periodic", 0L)), Tensors.scalar(3L)),
        0,
        1,
        0);
    assertValues(runner.first(operator(Attributes.of("BlackmanWindow")), four), 0, 0.34, 1, 0.34);
    double low = 4.0 / 46;
    assertValues(
        runner.first(operator(Attributes.of("HammingWindow")), four), low, 25.0 / 46, 1, 25.0 / 46);
    assertEquals(0, runner.first(operator(Attributes.of("HannWindow")), Tensors.scalar(0L)).size());
  }

  @Test
  void melFiltersAreTriangles() {
    Tensor y =
        runner.first(
            operator(Attributes.of("MelWeightMatrix")),
            Tensors.scalar(3L),
            Tensors.scalar(64L),
            Tensors.scalar(8000L),
            Tensors.scalar(0f),
            Tensors.scalar(4000f));
    assertEquals(Shape.of(33, 3), y.shape());
    for (int filter = 0; filter < 3; filter++) {
      float largest = 0;
      for (int bin = 0; bin < 33; bin++) {
        largest = Math.max(largest, y.getFloat(bin * 3L + filter));
      }
      assertEquals(1, largest);
    }
  }

  @Test
  void weighsTheLossOfEachLabel() {
    Tensor scores = Tensors.ofFloats(Shape.of(3, 2), -1, -2, -3, -4, -5, -6);
    Tensor labels = Tensors.vector(0, 1, 0);
    Tensor weights = Tensors.ofFloats(Shape.of(2), 1, 3);
    assertValues(loss("none", scores, labels, weights), 1, 12, 5);
    assertValues(loss("sum", scores, labels, weights), 18);
    assertValues(loss("mean", scores, labels, weights), 18.0 / 5);
    Operator ignoring =
        operator(
            Attributes.of("NegativeLogLikelihoodLoss")
                .with("reduction", "mean")
                .with("ignore_index", -7L));
    assertValues(runner.first(ignoring, scores, Tensors.vector(-7, 1, -7)), 4);
    assertThrows(
        InvalidInputException.class, () -> loss("sum", scores, Tensors.vector(0, 2, 0), weights));
  }

  private Tensor loss(String reduction, Tensor... inputs) {
    return runner.first(
        operator(Attributes.of("NegativeLogLikelihoodLoss").with("reduction", reduction)), inputs);
  }

  @Test
  void crossEntropyTakesScoresAndGivesLogarithms() {
    Tensor scores = Tensors.ofFloats(Shape.of(1, 2), 0, (float) Math.log(3));
    List<Tensor> both =
        runner.run(
            operator(Attributes.of("SoftmaxCrossEntropyLoss").outputs(2)),
            scores,
            Tensors.vector(1));
    assertValues(both.get(0), -Math.log(0.75));
    assertValues(both.get(1), Math.log(0.25), Math.log(0.75));
  }
}
