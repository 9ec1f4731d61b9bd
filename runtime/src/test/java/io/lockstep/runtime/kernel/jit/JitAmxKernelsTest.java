package io.lockstep.runtime.kernel.jit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockstep.runtime.kernel.KernelConformance;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.kernel.vector.VectorKernels;
import org.junit.jupiter.api.BeforeAll;

final class JitAmxKernelsTest extends KernelConformance {

  @BeforeAll
  static void needsTheProcessor() {
    assumeTrue(Processor.hasAmx(), "skipped: no AMX, or the system does not permit it");
  }

  @Override
  public KernelSet kernels() {
    return JitKernels.create(
        VectorKernels::create,
        VectorKernels::depthwise,
        ScalarKernels.create(),
        new Instructions(Isa.AVX512, TileShape.Product.BYTES, true, true));
  }
}
