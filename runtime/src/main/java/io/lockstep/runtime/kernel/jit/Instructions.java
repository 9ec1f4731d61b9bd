package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.jit.TileShape.Product;

/**
 * Which instructions kernels are made of.
 *
 * @param bytes how products of bytes are computed on vectors
 * @param amx whether those of many rows are computed on tiles of AMX
 * @param fetches whether products of few rows fetch their weights ahead, as those of many do:
 *     processors of AMD do so by themselves, and lose up to a third of their bandwidth to
 *     instructions that help
 */
record Instructions(Isa isa, Product bytes, boolean amx, boolean fetches) {

  Instructions {
    if (amx && (isa != Isa.AVX512 || bytes != Product.BYTES)) {
      throw new IllegalArgumentException("AMX is used beside AVX-512 with dot products of bytes");
    }
  }

  /** Without AMX. */
  static Instructions of(Isa isa, Product bytes) {
    return new Instructions(isa, bytes, false, true);
  }

  /** The widest of a processor that the system permits. */
  static Instructions widest(CpuFeatures features) {
    if (!features.avx512()) {
      return avx2(features);
    }
    Product bytes = features.avx512Vnni() ? Product.BYTES : Product.WORDS;
    boolean amx = bytes == Product.BYTES && features.amxInt8() && AmxPermission.isGranted();
    return new Instructions(Isa.AVX512, bytes, amx, !features.amd());
  }

  /** Those of a processor that are no wider than AVX2. */
  static Instructions avx2(CpuFeatures features) {
    Product bytes = features.avxVnni() ? Product.BYTES : Product.WORDS;
    return new Instructions(Isa.AVX2, bytes, false, !features.amd());
  }

  /** For the log. */
  String kernelsName() {
    return isa == Isa.AVX2 ? "jit-avx2" : amx ? "jit-avx512-amx" : "jit-avx512";
  }

  /** Panels of floats. */
  TileKernels floatTiles() {
    return new TileKernels(isa, Product.FLOATS, Product.FLOATS.depth(), fetches);
  }

  /** Panels of bytes, as all that is chosen here can read them. */
  TileKernels byteTiles() {
    return new TileKernels(isa, bytes, amx ? AmxGenerator.TILE_DEPTH : bytes.depth(), fetches);
  }
}
