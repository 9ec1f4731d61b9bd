package io.lockstep.runtime;

import io.lockstep.runtime.kernel.ComputePool;

/**
 * How models are run.
 *
 * @param kernels which backend
 * @param pool the compute threads of the process, shared by all models
 * @param maxCachedPlans how many input shapes a session keeps plans for
 * @param maxTensorBytes no single tensor of a run may be larger
 */
public record RuntimeOptions(
    KernelChoice kernels, ComputePool pool, int maxCachedPlans, long maxTensorBytes) {

  /** The kernels a model runs on. */
  public enum KernelChoice {
    /** The fastest that this machine has. */
    AUTO,
    /** Plain Java: the readable reference, never fast. */
    SCALAR,
    /** The JDK's Vector API. */
    VECTOR,
    /** Machine code emitted while the process runs, where that is possible; else as VECTOR. */
    JIT,
    /** As JIT, with AVX2 also where there is more. */
    JIT_AVX2
  }

  public static RuntimeOptions defaults() {
    return new RuntimeOptions(KernelChoice.AUTO, ComputePool.CALLER, 32, 1L << 31);
  }

  public RuntimeOptions withPool(ComputePool newPool) {
    return new RuntimeOptions(kernels, newPool, maxCachedPlans, maxTensorBytes);
  }

  public RuntimeOptions withKernels(KernelChoice newKernels) {
    return new RuntimeOptions(newKernels, pool, maxCachedPlans, maxTensorBytes);
  }
}
