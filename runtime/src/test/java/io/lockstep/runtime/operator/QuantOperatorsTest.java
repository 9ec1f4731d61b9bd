package io.lockstep.runtime.operator;

import static io.lockstep.runtime.operator.OnnxRuntimeReference.assertAgrees;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.onnxruntime.OrtException;
import io.lockstep.runtime.graph.AxisRole;
import io.lockstep.runtime.graph.BatchLayout;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.kernel.UnaryFunction;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.kernel.vector.VectorKernels;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Quantised operators against ONNX Runtime and against their own lone answers. */
final class QuantOperatorsTest {

  private static final List<KernelSet> BACKENDS =
      List.of(ScalarKernels.create(), VectorKernels.create());

  private final Random random = new Random(9);

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

  private static void check(Attributes attributes, double tolerance, Tensor... in)
      throws OrtException {
    attributes.opset(19);
    List<Tensor> expected = OnnxRuntimeReference.run("", attributes, 0, in);
    Operator operator = QuantOperators.table().get(attributes.operator()).apply(attributes);
    for (KernelSet kernels : BACKENDS) {
      for (boolean constant : new boolean[] {true, false}) {
        OperatorRunner runner = OperatorRunner.on(kernels);
        List<Tensor> actual = (constant ? runner : runner.withoutConstants()).run(operator, in);
        for (int i = 0; i < expected.size(); i++) {
          assertAgrees(expected.get(i), actual.get(i), tolerance);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"UINT8", "INT8"})
  void quantisesAndBackPerTensorAndPerAxis(String name) throws OrtException {
    DType type = DType.valueOf(name);
    check(
        Attributes.of("QuantizeLinear"),
        0,
        floats(3, 40),
        Tensors.scalar(0.02f),
        zeroPoint(type, 7));
    check(
        Attributes.of("QuantizeLinear").with("axis", 0L),
        0,
        floats(2, 40),
        Tensors.ofFloats(Shape.of(2), 0.02f, 0.03f),
        Tensors.ofBytes(type, Shape.of(2), (byte) 3, (byte) 9));
    check(
        Attributes.of("DequantizeLinear").with("axis", -1L),
        1e-6,
        bytes(type, 5, 2),
        Tensors.ofFloats(Shape.of(2), 0.02f, 0.03f),
        Tensors.ofBytes(type, Shape.of(2), (byte) 3, (byte) 9));
  }

  @Test
  void blocksAlongAnAxisHaveScalesOfTheirOwn() {
    Operator dequantize =
        DequantizeLinear.of(
            Attributes.of("DequantizeLinear").with("axis", 1L).with("block_size", 2L));
    Tensor y =
        OperatorRunner.on(BACKENDS.getFirst())
            .first(
                dequantize,
                Tensors.ofBytes(DType.INT8, Shape.of(1, 3), (byte) 2, (byte) 4, (byte) 6),
                Tensors.ofFloats(Shape.of(1, 2), 0.5f, 10),
                Tensors.ofBytes(DType.INT8, Shape.of(1, 2), (byte) 0, (byte) 5));
    assertArrayEquals(new float[] {1, 2, 10}, y.toFloats());
  }

  @Test
  void dynamicQuantizationTakesTheRangeOfTheTensor() throws OrtException {
    check(Attributes.of("DynamicQuantizeLinear").outputs(3), 0, floats(7, 13));
    check(Attributes.of("DynamicQuantizeLinear").outputs(3), 0, Tensors.zeros(floats(4).type()));
  }

  @Test
  void integerProducts() throws OrtException {
    check(
        Attributes.of("MatMulInteger"),
        0,
        bytes(DType.UINT8, 2, 3, 17),
        bytes(DType.INT8, 17, 5),
        zeroPoint(DType.UINT8, 130),
        Tensors.ofBytes(DType.INT8, Shape.of(5), new byte[] {1, -2, 3, 0, 100}));
    check(
        Attributes.of("QLinearMatMul"),
        1,
        bytes(DType.UINT8, 3, 17),
        Tensors.scalar(0.02f),
        zeroPoint(DType.UINT8, 130),
        bytes(DType.INT8, 17, 5),
        Tensors.scalar(0.01f),
        zeroPoint(DType.INT8, 0),
        Tensors.scalar(0.1f),
        zeroPoint(DType.UINT8, 120));
  }

  @Test
  void integerConvolutions() throws OrtException {
    check(
        Attributes.of("ConvInteger").ints("pads", 1, 1, 1, 1),
        0,
        bytes(DType.UINT8, 2, 3, 6, 7),
        bytes(DType.UINT8, 4, 3, 3, 3),
        zeroPoint(DType.UINT8, 130),
        zeroPoint(DType.UINT8, 120));
    check(
        Attributes.of("QLinearConv")
            .ints("pads", 1, 0, 1, 1)
            .ints("strides", 2, 1)
            .with("group", 2L),
        1,
        bytes(DType.UINT8, 2, 4, 6, 7),
        Tensors.scalar(0.02f),
        zeroPoint(DType.UINT8, 130),
        bytes(DType.INT8, 4, 2, 3, 3),
        Tensors.ofFloats(Shape.of(4), 0.01f, 0.02f, 0.03f, 0.04f),
        Tensors.ofBytes(DType.INT8, Shape.of(4), new byte[4]),
        Tensors.scalar(0.2f),
        zeroPoint(DType.UINT8, 120),
        Tensors.ofInts(Shape.of(4), 100, -200, 300, 0));
  }

  @Test
  void aFusedClampBoundsTheQuantisedOutput() {
    QLinearConv conv = QLinearConv.of(Attributes.of("QLinearConv"));
    QLinearConv clamped =
        new QLinearConv(conv.window(), 1, new QLinearConv.Clamp(100, 200), conv.layout());
    Tensor[] in = {
      bytes(DType.UINT8, 1, 2, 5, 5),
      Tensors.scalar(0.02f),
      zeroPoint(DType.UINT8, 130),
      bytes(DType.INT8, 3, 2, 3, 3),
      Tensors.scalar(0.01f),
      zeroPoint(DType.INT8, 0),
      Tensors.scalar(0.02f),
      zeroPoint(DType.UINT8, 120)
    };
    for (KernelSet kernels : BACKENDS) {
      long[] free = OperatorRunner.on(kernels).first(conv, in).toLongs();
      long[] bounded = OperatorRunner.on(kernels).first(clamped, in).toLongs();
      for (int i = 0; i < free.length; i++) {
        assertEquals(Math.clamp(free[i], 100, 200), bounded[i]);
      }
    }
  }

  /** x [items, length, k] of one item, without padding. */
  private static Tensor item(Tensor x, int item, int length) {
    int k = x.shape().extent(2);
    Tensor one = Tensors.zeros(TensorType.of(DType.FLOAT32, 1, length, k));
    long bytes = one.type().bytes();
    long itemBytes = x.type().bytes() / x.shape().extent(0);
    one.segment().copyFrom(x.segment().asSlice(item * itemBytes, bytes));
    return one;
  }

  @Test
  void anItemIsQuantisedByItsOwnRangeWhateverStandsBesideOrBehindIt() {
    int[] lengths = {4, 1, 3};
    Tensor x = floats(3, 4, 20);
    for (int i = 20; i < 80; i++) {
      x.setFloat(80 + i, 1000); // the padding of item 1
    }
    Tensor weights = bytes(DType.INT8, 20, 6);
    Tensor scales = Tensors.scalar(0.03f);
    Tensor bias = floats(6);
    for (KernelSet kernels : BACKENDS) {
      Tensor all =
          product(
              OperatorRunner.on(kernels)
                  .roles(0, AxisRole.BATCH, AxisRole.LENGTH, AxisRole.FIXED)
                  .batch(BatchLayout.ofLengths(lengths)),
              x,
              weights,
              scales,
              bias);
      for (int item = 0; item < 3; item++) {
        Tensor alone =
            product(
                OperatorRunner.on(kernels)
                    .roles(0, AxisRole.BATCH, AxisRole.LENGTH, AxisRole.FIXED)
                    .batch(BatchLayout.full(1)),
                item(x, item, lengths[item]),
                weights,
                scales,
                bias);
        MemorySegment together =
            all.segment().asSlice(item * all.type().bytes() / 3, alone.type().bytes());
        assertEquals(-1, alone.segment().mismatch(together), "item " + item);
      }
    }
  }

  @Test
  void mergedBatchAndLengthAxesAreTakenApart() {
    Tensor x = floats(3, 4, 20);
    BatchLayout batch = BatchLayout.ofLengths(new int[] {4, 1, 3});
    for (KernelSet kernels : BACKENDS) {
      List<Tensor> apart =
          OperatorRunner.on(kernels)
              .roles(0, AxisRole.BATCH, AxisRole.LENGTH, AxisRole.FIXED)
              .batch(batch)
              .run(new DynamicQuantizeRows(), x);
      List<Tensor> merged =
          OperatorRunner.on(kernels)
              .roles(0, AxisRole.BATCH_LENGTH, AxisRole.FIXED)
              .batch(batch)
              .run(new DynamicQuantizeRows(), x.reshaped(Shape.of(12, 20)));
      for (int i = 0; i < 3; i++) {
        assertEquals(-1, apart.get(i).segment().mismatch(merged.get(i).segment()));
      }
    }
  }

  @Test
  void withoutRolesTheTensorIsOneItem() {
    Tensor x = floats(3, 4, 20);
    for (KernelSet kernels : BACKENDS) {
      List<Tensor> rows = OperatorRunner.on(kernels).run(new DynamicQuantizeRows(), x);
      List<Tensor> whole = OperatorRunner.on(kernels).run(new DynamicQuantizeLinear(), x);
      assertEquals(-1, rows.get(0).segment().mismatch(whole.get(0).segment()));
      assertEquals(whole.get(1).getFloat(0), rows.get(1).getFloat(11));
      assertEquals(whole.get(2).asLong(0), rows.get(2).asLong(11));
    }
  }

  private static Tensor product(
      OperatorRunner runner, Tensor x, Tensor weights, Tensor scales, Tensor bias) {
    List<Tensor> rows = runner.run(new DynamicQuantizeRows(), x);
    return runner.first(
        new QuantMatMulRows(Activation.of(UnaryFunction.RELU)),
        rows.get(0),
        rows.get(1),
        rows.get(2),
        weights,
        scales,
        null,
        bias);
  }
}
