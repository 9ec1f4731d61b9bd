package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.quant.BlockFormat;
import java.util.Optional;

/** Floats of 16 bits that weights are kept in. */
enum HalfFormat {
  /** IEEE 754 binary16. */
  BINARY16,
  /** The upper half of a binary32. */
  BRAIN;

  static Optional<HalfFormat> of(BlockFormat format) {
    return switch (format) {
      case F16 -> Optional.of(BINARY16);
      case BF16 -> Optional.of(BRAIN);
      case F32, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K -> Optional.empty();
    };
  }
}
