package io.lockstep.runtime.kernel.scalar;

import io.lockstep.runtime.kernel.KernelSet;

/** The scalar backend. */
public final class ScalarKernels {

  private ScalarKernels() {}

  public static KernelSet create() {
    ScalarElementwise elementwise = new ScalarElementwise();
    return new KernelSet(
        "scalar",
        new ScalarGemm(elementwise),
        new ScalarQuantGemm(elementwise),
        new ScalarBlockGemm(),
        new ScalarConv(elementwise),
        elementwise,
        new ScalarReduce(),
        new ScalarPool(),
        new ScalarQuantize());
  }
}
