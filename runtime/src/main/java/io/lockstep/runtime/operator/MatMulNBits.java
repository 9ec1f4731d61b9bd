package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Elementwise;
import io.lockstep.runtime.kernel.NBitsFormat;
import io.lockstep.runtime.kernel.NBitsGemm;
import io.lockstep.runtime.kernel.NBitsMatrix;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * com.microsoft MatMulNBits 1: x times a constant matrix of 2, 4 or 8-bit integers, quantised in
 * blocks along k. Activations are rounded to bytes, as ONNX Runtime does, only where the attribute
 * accuracy_level is 4.
 *
 * <p>Inputs: x FLOAT32 [..., k]; b UINT8 [n, blocks, block bytes], the lowest bits first; scales
 * FLOAT32 or FLOAT16 [n * blocks]; zero points UINT8, packed like b with each row on a byte
 * boundary, or floats [n * blocks], optional; bias FLOAT32 [n] as input 5, optional.
 */
record MatMulNBits(int k, int n, NBitsFormat format) implements Operator {

  private static final int WEIGHTS = 1;
  private static final int SCALES = 2;
  private static final int ZEROS = 3;
  private static final int ORDER = 4;
  private static final int BIAS = 5;

  /** The level of accuracy from which on activations become 8-bit integers. */
  private static final int ROUNDED = 4;

  static Operator of(NodeAttributes attributes) {
    int bits = Math.toIntExact(attributes.intOr("bits", 4));
    if (bits != 2 && bits != 4 && bits != 8) {
      throw new UnsupportedModelException("MatMulNBits with " + bits + " bits");
    }
    int blockSize = Math.toIntExact(attributes.intOr("block_size", 32));
    if (blockSize < 16 || Integer.bitCount(blockSize) != 1) {
      throw new UnsupportedModelException("MatMulNBits with blocks of " + blockSize);
    }
    return new MatMulNBits(
        Math.toIntExact(attributes.intOr("K", 0)),
        Math.toIntExact(attributes.intOr("N", 0)),
        new NBitsFormat(bits, blockSize, false, attributes.intOr("accuracy_level", 0) == ROUNDED));
  }

  @Override
  public String name() {
    return "MatMulNBits";
  }

  @Override
  public boolean needsValue(int input) {
    return input >= WEIGHTS && input <= ORDER;
  }

  private int blocks() {
    return format.blocks(k);
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    if (inputs.dtype(0) != DType.FLOAT32
        || x.rank() == 0
        || x.extent(-1) != k
        || inputs.shape(WEIGHTS).size() != (long) n * blocks() * format.blockBytes()
        || inputs.shape(SCALES).size() != (long) n * blocks()) {
      throw inputs.invalid(
          "input %s, weights %s and scales %s do not make a product [.., %d] x [%d, %d]"
              .formatted(inputs.type(0), inputs.shape(WEIGHTS), inputs.shape(SCALES), k, k, n));
    }
    if (inputs.has(ORDER)) {
      throw new UnsupportedModelException("MatMulNBits with reordered groups");
    }
    return List.of(inputs.type(0).withShape(x.with(-1, n)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Tensor scales = inputs.value(SCALES);
    Tensor zeros = inputs.has(ZEROS) ? inputs.value(ZEROS) : null;
    NBitsGemm kernel = context.kernels().nBitsGemm();
    NBitsMatrix packed =
        context.packed(
            WEIGHTS,
            "n-bits/" + format,
            (weights, owner) -> {
              try (TensorArena temporary = new TensorArena()) {
                NBitsMatrix stored = stored(weights, scales, zeros, temporary);
                return kernel.pack(stored, owner, ComputePool.CALLER);
              }
            });
    // The packed matrix has them too, so that nothing else needs the originals.
    context.packed(SCALES, "n-bits", (values, owner) -> packed);
    if (zeros != null) {
      context.packed(ZEROS, "n-bits", (values, owner) -> packed);
    }
    int rows = Math.toIntExact(inputs.shape(0).size() / Math.max(1, k));
    Elementwise elementwise = context.kernels().elementwise();
    return (in, out, run) -> {
      MemorySegment c = out[0].segment();
      kernel.gemm(rows, in[0].segment(), 0, k, packed, c, 0, n, run.pool());
      if (in.length > BIAS && in[BIAS] != null) {
        addBias(elementwise, rows, in[BIAS].segment(), c);
      }
    };
  }

  private void addBias(Elementwise elementwise, int rows, MemorySegment bias, MemorySegment c) {
    for (int row = 0; row < rows; row++) {
      long at = (long) row * n;
      elementwise.binary(BinaryFunction.ADD, c, at, bias, 0, c, at, n);
    }
  }

  /** The matrix with scales and zero points as floats. */
  private NBitsMatrix stored(
      Tensor weights, Tensor scales, @Nullable Tensor zeros, TensorArena owner) {
    Tensor floats = owner.allocate(TensorType.of(DType.FLOAT32, n, blocks()));
    for (long i = 0; i < floats.size(); i++) {
      floats.setFloat(i, (float) scales.asDouble(i));
    }
    NBitsFormat withZeros =
        new NBitsFormat(format.bits(), format.blockSize(), zeros != null, format.mayRound());
    MemorySegment points = zeros == null ? MemorySegment.NULL : zeroPoints(zeros, owner).segment();
    return new NBitsMatrix(withZeros, n, k, weights.segment(), floats.segment(), points);
  }

  private Tensor zeroPoints(Tensor zeros, TensorArena owner) {
    Tensor floats = owner.allocate(TensorType.of(DType.FLOAT32, n, blocks()));
    int rowBytes = Math.ceilDiv(blocks() * format.bits(), Byte.SIZE);
    int mask = (1 << format.bits()) - 1;
    for (int row = 0; row < n; row++) {
      for (int block = 0; block < blocks(); block++) {
        long i = (long) row * blocks() + block;
        if (zeros.dtype().isFloat()) {
          floats.setFloat(i, (float) zeros.asDouble(i));
        } else {
          int bit = block * format.bits();
          long packed = zeros.asLong((long) row * rowBytes + bit / Byte.SIZE);
          floats.setFloat(i, (int) (packed >> (bit % Byte.SIZE)) & mask);
        }
      }
    }
    return floats;
  }
}
