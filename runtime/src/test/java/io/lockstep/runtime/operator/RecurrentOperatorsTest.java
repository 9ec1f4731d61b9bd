package io.lockstep.runtime.operator;

import static io.lockstep.runtime.operator.OnnxRuntimeReference.assertAgrees;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.onnxruntime.OrtException;
import io.lockstep.runtime.KernelBackends;
import io.lockstep.runtime.RuntimeOptions.KernelChoice;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.kernel.vector.VectorKernels;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recurrent layers against ONNX Runtime, on the portable backends and this machine's own. */
final class RecurrentOperatorsTest {

  private static final List<KernelSet> BACKENDS =
      List.of(
          ScalarKernels.create(),
          VectorKernels.create(),
          KernelBackends.select(KernelChoice.JIT_AVX2).kernels(),
          KernelBackends.select(KernelChoice.AUTO).kernels());

  private static final int STEPS = 5;
  private static final int BATCH = 3;
  private static final int INPUT = 7;
  private static final int HIDDEN = 6;

  private final Random random = new Random(3);

  private Tensor floats(int... extents) {
    Tensor tensor = Tensors.zeros(TensorType.of(DType.FLOAT32, extents));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, (float) random.nextGaussian() / 2);
    }
    return tensor;
  }

  private static void check(Attributes attributes, Tensor... in) throws OrtException {
    attributes.opset(19).with("hidden_size", (long) HIDDEN);
    List<Tensor> expected = OnnxRuntimeReference.run("", attributes, 0, in);
    Operator operator = RecurrentOperators.table().get(attributes.operator()).apply(attributes);
    for (KernelSet kernels : BACKENDS) {
      for (boolean constant : new boolean[] {true, false}) {
        OperatorRunner runner = OperatorRunner.on(kernels);
        List<Tensor> actual = (constant ? runner : runner.withoutConstants()).run(operator, in);
        for (int i = 0; i < expected.size(); i++) {
          assertAgrees(expected.get(i), actual.get(i), 1e-5);
        }
      }
    }
  }

  private static int directions(String direction) {
    return direction.equals("bidirectional") ? 2 : 1;
  }

  @ParameterizedTest
  @ValueSource(strings = {"forward", "reverse", "bidirectional"})
  void lstmWithEverything(String direction) throws OrtException {
    int d = directions(direction);
    check(
        Attributes.of("LSTM").with("direction", direction).with("clip", 1.5f).outputs(3),
        floats(STEPS, BATCH, INPUT),
        floats(d, 4 * HIDDEN, INPUT),
        floats(d, 4 * HIDDEN, HIDDEN),
        floats(d, 8 * HIDDEN),
        Tensors.ofInts(Shape.of(BATCH), 5, 2, 4),
        floats(d, BATCH, HIDDEN),
        floats(d, BATCH, HIDDEN),
        floats(d, 3 * HIDDEN));
  }

  @Test
  void lstmWithoutOptionalInputs() throws OrtException {
    check(
        Attributes.of("LSTM").outputs(3),
        floats(STEPS, BATCH, INPUT),
        floats(1, 4 * HIDDEN, INPUT),
        floats(1, 4 * HIDDEN, HIDDEN));
  }

  @Test
  void lstmWithOtherActivationsAndACoupledGate() throws OrtException {
    check(
        Attributes.of("LSTM")
            .strings("activations", "HardSigmoid", "ScaledTanh", "Softsign")
            .floats("activation_alpha", 0.3f, 1.2f)
            .floats("activation_beta", 0.4f, 0.7f)
            .with("input_forget", 1L)
            .outputs(3),
        floats(STEPS, BATCH, INPUT),
        floats(1, 4 * HIDDEN, INPUT),
        floats(1, 4 * HIDDEN, HIDDEN),
        floats(1, 8 * HIDDEN));
  }

  @ParameterizedTest
  @ValueSource(strings = {"forward", "reverse", "bidirectional"})
  void gruResetsBeforeOrAfterItsProduct(String direction) throws OrtException {
    int d = directions(direction);
    for (long after : new long[] {0, 1}) {
      check(
          Attributes.of("GRU")
              .with("direction", direction)
              .with("linear_before_reset", after)
              .outputs(2),
          floats(STEPS, BATCH, INPUT),
          floats(d, 3 * HIDDEN, INPUT),
          floats(d, 3 * HIDDEN, HIDDEN),
          floats(d, 6 * HIDDEN),
          Tensors.ofInts(Shape.of(BATCH), 5, 2, 4),
          floats(d, BATCH, HIDDEN));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"forward", "reverse", "bidirectional"})
  void plainRecurrence(String direction) throws OrtException {
    int d = directions(direction);
    check(
        Attributes.of("RNN").with("direction", direction).outputs(2),
        floats(STEPS, BATCH, INPUT),
        floats(d, HIDDEN, INPUT),
        floats(d, HIDDEN, HIDDEN),
        floats(d, 2 * HIDDEN),
        Tensors.ofInts(Shape.of(BATCH), 5, 2, 4),
        floats(d, BATCH, HIDDEN));
  }

  @ParameterizedTest
  @ValueSource(strings = {"forward", "reverse", "bidirectional"})
  void gruClipsWithoutLengthsAndBiases(String direction) throws OrtException {
    int d = directions(direction);
    for (long after : new long[] {0, 1}) {
      check(
          Attributes.of("GRU")
              .with("direction", direction)
              .with("linear_before_reset", after)
              .with("clip", 0.5f)
              .outputs(2),
          floats(STEPS, BATCH, INPUT),
          floats(d, 3 * HIDDEN, INPUT),
          floats(d, 3 * HIDDEN, HIDDEN));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"LSTM", "GRU", "RNN"})
  void anItemGetsTheSameBitsInAnyBatch(String name) {
    int gates = name.equals("LSTM") ? 4 : name.equals("GRU") ? 3 : 1;
    Operator operator =
        RecurrentOperators.table().get(name).apply(Attributes.of(name).with("layout", 1L));
    Tensor x = floats(BATCH, STEPS, INPUT);
    Tensor weights = floats(1, gates * HIDDEN, INPUT);
    Tensor recurrence = floats(1, gates * HIDDEN, HIDDEN);
    for (KernelSet kernels : BACKENDS) {
      Tensor all = OperatorRunner.on(kernels).first(operator, x, weights, recurrence);
      for (int item = 0; item < BATCH; item++) {
        Tensor one = Tensors.zeros(TensorType.of(DType.FLOAT32, 1, STEPS, INPUT));
        one.segment().copyFrom(x.segment().asSlice(item * one.type().bytes(), one.type().bytes()));
        Tensor alone = OperatorRunner.on(kernels).first(operator, one, weights, recurrence);
        long bytes = alone.type().bytes();
        assertEquals(
            -1, alone.segment().mismatch(all.segment().asSlice(item * bytes, bytes)), "item");
      }
    }
  }
}
