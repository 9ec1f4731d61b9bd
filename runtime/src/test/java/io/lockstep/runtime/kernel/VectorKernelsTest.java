package io.lockstep.runtime.kernel;

import io.lockstep.runtime.kernel.vector.VectorKernels;

final class VectorKernelsTest extends KernelConformance {

  @Override
  public KernelSet kernels() {
    return VectorKernels.create();
  }
}
