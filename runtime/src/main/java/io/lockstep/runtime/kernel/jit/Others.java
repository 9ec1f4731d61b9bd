package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.Depthwise;
import io.lockstep.runtime.kernel.KernelSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The backend that takes over what is not emitted, made when something first asks for it: most
 * models never do.
 */
final class Others {

  private final Supplier<KernelSet> kernelSource;
  private final Supplier<Depthwise> depthwiseSource;
  private volatile @Nullable KernelSet kernels;
  private volatile @Nullable Depthwise depthwise;

  Others(Supplier<KernelSet> kernels, Supplier<Depthwise> depthwise) {
    this.kernelSource = kernels;
    this.depthwiseSource = depthwise;
  }

  /** All families of kernels. */
  KernelSet kernels() {
    KernelSet made = kernels;
    if (made == null) {
      made = kernelSource.get();
      kernels = made;
    }
    return made;
  }

  /** Convolutions that are no products. */
  Depthwise depthwise() {
    Depthwise made = depthwise;
    if (made == null) {
      made = depthwiseSource.get();
      depthwise = made;
    }
    return made;
  }
}
