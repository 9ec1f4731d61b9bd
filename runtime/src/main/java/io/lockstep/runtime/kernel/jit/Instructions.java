package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.jit.TileShape.Product;

/**
 * Which instructions kernels are made of.
 *
 * @param bytes how products of bytes are computed on vectors
 * @param amx whether those of many rows are computed on tiles of AMX
 */
record Instructions(Isa isa, Product bytes, boolean amx) {

  Instructions {
    if (amx && (isa != Isa.AVX512 || bytes != Product.BYTES)) {
      throw new IllegalArgumentException("AMX is used beside AVX-512 with dot products of bytes");
    }
  }

  /** Without AMX. */
  static Instructions of(Isa isa, Product bytes) {
    return new Instructions(isa, bytes, false);
  }

  /** The widest of a processor that the system permits. */
  static Instructions widest(CpuFeatures features) {
    if (!features.avx512()) {
      return of(Isa.AVX2, features.avxVnni() ? Product.BYTES : Product.WORDS);
    }
    if (!features.avx512Vnni()) {
      return of(Isa.AVX512, Product.WORDS);
    }
    boolean amx = features.amxInt8() && AmxPermission.isGranted();
    return new Instructions(Isa.AVX512, Product.BYTES, amx);
  }

  /** For the log. */
  String kernelsName() {
    return isa == Isa.AVX2 ? "jit-avx2" : amx ? "jit-avx512-amx" : "jit-avx512";
  }

  /** Panels of bytes, as all that is chosen here can read them. */
  TileKernels byteTiles() {
    return amx
        ? new TileKernels(isa, bytes, AmxGenerator.TILE_DEPTH)
        : new TileKernels(isa, bytes, bytes.depth());
  }
}
