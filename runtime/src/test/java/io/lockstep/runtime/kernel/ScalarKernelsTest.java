package io.lockstep.runtime.kernel;

import io.lockstep.runtime.kernel.scalar.ScalarKernels;

final class ScalarKernelsTest extends KernelConformance {

  @Override
  public KernelSet kernels() {
    return ScalarKernels.create();
  }
}
