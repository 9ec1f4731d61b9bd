package io.lockstep.runtime.kernel.vector;

import io.lockstep.runtime.kernel.BlockedAttention;
import io.lockstep.runtime.kernel.Depthwise;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.kernel.ProductConv;
import io.lockstep.runtime.kernel.ProductHeadAttention;
import io.lockstep.runtime.kernel.SteppedChains;
import io.lockstep.runtime.kernel.SteppedRowChains;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;

/** The Vector API backend. */
public final class VectorKernels {

  private VectorKernels() {}

  public static KernelSet create() {
    KernelSet scalar = ScalarKernels.create();
    VectorElementwise elementwise = new VectorElementwise(scalar.elementwise());
    TileEpilogue epilogue = new TileEpilogue(elementwise);
    VectorGemm gemm = new VectorGemm(epilogue);
    VectorQuantGemm quantGemm = new VectorQuantGemm(epilogue);
    VectorQuantize quantize = new VectorQuantize();
    VectorReduce reduce = new VectorReduce(scalar.reduce());
    return new KernelSet(
        "vector",
        gemm,
        quantGemm,
        new VectorBlockGemm(),
        new VectorNBitsGemm(),
        new BlockedAttention(new VectorAttentionBlocks(), reduce, elementwise),
        new ProductHeadAttention(gemm, reduce),
        new ProductConv(
            gemm, null, quantGemm, null, new VectorDepthwise(epilogue), quantize, scalar.copies()),
        elementwise,
        new SteppedChains(elementwise, quantize),
        new SteppedRowChains(elementwise, quantize),
        reduce,
        new VectorPool(),
        quantize,
        scalar.copies());
  }

  /** The depthwise convolutions, for a backend that has products of its own. */
  public static Depthwise depthwise() {
    VectorElementwise elementwise = new VectorElementwise(ScalarKernels.create().elementwise());
    return new VectorDepthwise(new TileEpilogue(elementwise));
  }

  /** The width that the kernels use, in bits. */
  public static int vectorBits() {
    return Lanes.FLOATS.vectorBitSize();
  }
}
