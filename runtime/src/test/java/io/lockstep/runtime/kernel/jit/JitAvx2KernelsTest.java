package io.lockstep.runtime.kernel.jit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockstep.runtime.kernel.KernelConformance;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.kernel.vector.VectorKernels;
import org.junit.jupiter.api.BeforeAll;

final class JitAvx2KernelsTest extends KernelConformance {

  @BeforeAll
  static void needsTheProcessor() {
    assumeTrue(Processor.hasAvx2(), "skipped: the processor has no AVX2");
  }

  @Override
  public KernelSet kernels() {
    return JitKernels.create(
        VectorKernels::create,
        VectorKernels::depthwise,
        ScalarKernels.create(),
        Instructions.of(Isa.AVX2, TileShape.Product.WORDS));
  }
}
