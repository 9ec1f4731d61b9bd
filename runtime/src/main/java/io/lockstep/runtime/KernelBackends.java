package io.lockstep.runtime;

import io.lockstep.runtime.RuntimeOptions.KernelChoice;
import io.lockstep.runtime.kernel.Depthwise;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.kernel.jit.JitKernels;
import io.lockstep.runtime.kernel.jit.KernelsUnavailableException;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.kernel.vector.VectorKernels;
import org.jspecify.annotations.Nullable;

/** Picks the kernels of the process, which all models share. */
public final class KernelBackends {

  private static final String ASKED = "as was asked for";
  private static final String FASTEST = "the fastest that this machine has";

  private KernelBackends() {}

  /**
   * The kernels chosen.
   *
   * @param reason why these, one sentence for the log
   * @param emitted whether they are machine code from the start
   */
  public record Selection(KernelSet kernels, String reason, boolean emitted) {}

  public static Selection select(KernelChoice choice) {
    return switch (choice) {
      case SCALAR -> new Selection(Portable.SCALAR, "scalar kernels, " + ASKED, false);
      case VECTOR -> portable(ASKED);
      case JIT -> emitted(ASKED);
      case JIT_AVX2 -> narrow();
      case AUTO -> emitted(FASTEST);
    };
  }

  private static Selection emitted(String why) {
    return Emitted.KERNELS == null
        ? portable("because emitted ones are not possible: " + Emitted.REFUSAL)
        : new Selection(
            Emitted.KERNELS, Emitted.KERNELS.name() + " kernels, " + why + Emitted.LESS, true);
  }

  private static Selection narrow() {
    try {
      return new Selection(
          JitKernels.createAvx2(Portable::vectors, Portable::vectorDepthwise, Portable.SCALAR),
          "emitted AVX2 kernels, " + ASKED,
          true);
    } catch (KernelsUnavailableException refused) {
      return portable("because emitted ones are not possible: " + refused.getMessage());
    }
  }

  private static Selection portable(String why) {
    if (!Portable.HAS_VECTORS) {
      return new Selection(
          Portable.SCALAR,
          "scalar kernels, because Java runs without --add-modules jdk.incubator.vector",
          false);
    }
    return new Selection(
        Portable.vectors(),
        "vector kernels of " + VectorKernels.vectorBits() + " bits, " + why,
        false);
  }

  /** The backends that run everywhere, made when they are first asked for. */
  private static final class Portable {

    static final KernelSet SCALAR = ScalarKernels.create();
    static final boolean HAS_VECTORS = VectorModule.isAvailable();

    static KernelSet vectors() {
      return Vectors.KERNELS;
    }

    static Depthwise vectorDepthwise() {
      return Vectors.DEPTHWISE;
    }

    /** Kept apart, so that a JVM without the module never loads it. */
    private static final class Vectors {

      static final KernelSet KERNELS;
      static final Depthwise DEPTHWISE;

      static {
        VectorModule.join();
        KERNELS = VectorKernels.create();
        DEPTHWISE = VectorKernels.depthwise();
      }
    }
  }

  /** The emitted backend, or why there is none. */
  private static final class Emitted {

    static final @Nullable KernelSet KERNELS;
    static final String REFUSAL;

    /** What the system keeps from them, for the end of a sentence. */
    static final String LESS;

    static {
      KernelSet kernels = null;
      String refusal = "";
      if (Portable.HAS_VECTORS) {
        try {
          kernels =
              JitKernels.create(Portable::vectors, Portable::vectorDepthwise, Portable.SCALAR);
        } catch (KernelsUnavailableException refused) {
          refusal = String.valueOf(refused.getMessage());
        }
      } else {
        refusal = "what is not emitted needs --add-modules jdk.incubator.vector";
      }
      KERNELS = kernels;
      REFUSAL = refusal;
      LESS = kernels == null ? "" : JitKernels.refusal().map("; "::concat).orElse("");
    }
  }
}
