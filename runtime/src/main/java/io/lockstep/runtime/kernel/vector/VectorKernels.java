package io.lockstep.runtime.kernel.vector;

import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;

/** The Vector API backend. */
public final class VectorKernels {

  private VectorKernels() {}

  public static KernelSet create() {
    KernelSet scalar = ScalarKernels.create();
    VectorElementwise elementwise = new VectorElementwise(scalar.elementwise());
    TileEpilogue epilogue = new TileEpilogue(elementwise);
    return new KernelSet(
        "vector",
        new VectorGemm(epilogue),
        new VectorQuantGemm(epilogue),
        new VectorBlockGemm(),
        new VectorConv(elementwise),
        elementwise,
        new VectorReduce(scalar.reduce()),
        new VectorPool(scalar.pool()),
        new VectorQuantize());
  }

  /** The width that the kernels use, in bits. */
  public static int vectorBits() {
    return Lanes.FLOATS.vectorBitSize();
  }
}
