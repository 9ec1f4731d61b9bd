package io.lockstep.runtime;

import io.lockstep.runtime.RuntimeOptions.KernelChoice;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.kernel.vector.VectorKernels;

/** Picks the kernels of the process; a faster backend replaces the families that it has. */
public final class KernelBackends {

  private KernelBackends() {}

  /**
   * The kernels chosen.
   *
   * @param reason why these, one sentence for the log
   */
  public record Selection(KernelSet kernels, String reason) {}

  public static Selection select(KernelChoice choice) {
    return switch (choice) {
      case SCALAR -> new Selection(ScalarKernels.create(), "scalar kernels, as was asked for");
      case VECTOR -> vector("as was asked for");
      case AUTO -> vector("the fastest that this machine has");
    };
  }

  private static Selection vector(String why) {
    boolean available = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    if (!available) {
      return new Selection(
          ScalarKernels.create(),
          "scalar kernels, because Java runs without --add-modules jdk.incubator.vector");
    }
    return new Selection(
        VectorKernels.create(),
        "vector kernels of " + VectorKernels.vectorBits() + " bits, " + why);
  }
}
