package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.PackedMatrix;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * com.microsoft MatMulNBits 1: x times a constant matrix of 4 or 8-bit integers, quantised in
 * blocks along k. The weights are turned into floats once, when they are packed.
 *
 * <p>Inputs: x FLOAT32 [..., k]; b UINT8 [n, blocks, block bytes], the lower 4 bits first; scales
 * FLOAT32 [n * blocks]; zero points UINT8, packed like b with each row on a byte boundary, or
 * floats [n * blocks], optional; bias FLOAT32 [n] as input 5, optional.
 */
record MatMulNBits(int k, int n, int bits, int blockSize) implements Operator {

  private static final int WEIGHTS = 1;
  private static final int SCALES = 2;
  private static final int ZEROS = 3;
  private static final int ORDER = 4;
  private static final int BIAS = 5;

  static Operator of(NodeAttributes attributes) {
    int bits = Math.toIntExact(attributes.intOr("bits", 4));
    if (bits != 4 && bits != 8) {
      throw new UnsupportedModelException("MatMulNBits with " + bits + " bits");
    }
    return new MatMulNBits(
        Math.toIntExact(attributes.intOr("K", 0)),
        Math.toIntExact(attributes.intOr("N", 0)),
        bits,
        Math.toIntExact(attributes.intOr("block_size", 32)));
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
    return Math.ceilDiv(k, blockSize);
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    long blockBytes = (long) blockSize * bits / 8;
    if (inputs.dtype(0) != DType.FLOAT32
        || x.rank() == 0
        || x.extent(-1) != k
        || inputs.shape(WEIGHTS).size() != (long) n * blocks() * blockBytes
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
    PackedMatrix packed =
        context.packed(
            WEIGHTS,
            "n-bits/" + bits + "/" + blockSize,
            (weights, owner) -> {
              try (TensorArena temporary = new TensorArena()) {
                Tensor floats = floats(weights, scales, zeros, temporary);
                return context.kernels().gemm().pack(floats, true, owner);
              }
            });
    int rows = Math.toIntExact(inputs.shape(0).size() / Math.max(1, k));
    return (in, out, run) -> {
      boolean biased = in.length > BIAS && in[BIAS] != null;
      context
          .kernels()
          .gemm()
          .gemmF32(
              rows,
              in[0].segment(),
              0,
              k,
              packed,
              biased ? Epilogue.of(in[BIAS].segment(), Activation.NONE) : Epilogue.NONE,
              out[0].segment(),
              0,
              n,
              run.pool());
    };
  }

  /** The weights as FLOAT32 [n, k]. */
  private Tensor floats(Tensor weights, Tensor scales, @Nullable Tensor zeros, TensorArena owner) {
    Tensor floats = owner.allocate(TensorType.of(DType.FLOAT32, n, k));
    for (int row = 0; row < n; row++) {
      for (int i = 0; i < k; i++) {
        int block = row * blocks() + i / blockSize;
        long element = (long) block * blockSize + i % blockSize;
        float value = code(weights, element) - zero(zeros, row, i / blockSize);
        floats.setFloat((long) row * k + i, value * (float) scales.asDouble(block));
      }
    }
    return floats;
  }

  private int code(Tensor packed, long element) {
    if (bits == 8) {
      return (int) packed.asLong(element);
    }
    return (int) (packed.asLong(element / 2) >> (element % 2 * 4)) & 0xf;
  }

  private float zero(@Nullable Tensor zeros, int row, int block) {
    if (zeros == null) {
      return 1 << (bits - 1);
    }
    if (zeros.dtype().isFloat()) {
      return (float) zeros.asDouble((long) row * blocks() + block);
    }
    long rowBytes = Math.ceilDiv(blocks() * bits, 8);
    return code(zeros, row * rowBytes * 8 / bits + block);
  }
}
