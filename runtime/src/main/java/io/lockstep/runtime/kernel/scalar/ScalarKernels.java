package io.lockstep.runtime.kernel.scalar;

import io.lockstep.runtime.kernel.BlockedAttention;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.kernel.ProductHeadAttention;
import io.lockstep.runtime.kernel.SteppedChains;
import io.lockstep.runtime.kernel.SteppedRowChains;

/** The scalar backend. */
public final class ScalarKernels {

  private ScalarKernels() {}

  public static KernelSet create() {
    ScalarElementwise elementwise = new ScalarElementwise();
    ScalarQuantize quantize = new ScalarQuantize();
    ScalarGemm gemm = new ScalarGemm(elementwise);
    ScalarReduce reduce = new ScalarReduce();
    return new KernelSet(
        "scalar",
        gemm,
        new ScalarQuantGemm(elementwise),
        new ScalarBlockGemm(),
        new ScalarNBitsGemm(),
        new BlockedAttention(new ScalarAttentionBlocks(), reduce, elementwise),
        new ProductHeadAttention(gemm, reduce),
        new ScalarConv(elementwise, quantize),
        elementwise,
        new SteppedChains(elementwise, quantize),
        new SteppedRowChains(elementwise, quantize),
        reduce,
        new ScalarPool(),
        quantize,
        new ScalarCopies());
  }
}
