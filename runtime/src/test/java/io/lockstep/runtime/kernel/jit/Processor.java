package io.lockstep.runtime.kernel.jit;

/** What tests may run here. */
final class Processor {

  private Processor() {}

  static boolean emits() {
    try {
      return CpuFeatures.detect().avx2();
    } catch (KernelsUnavailableException refused) {
      return false;
    }
  }

  static boolean hasAvx2() {
    return emits();
  }

  static boolean hasAvx512() {
    return emits() && CpuFeatures.detect().avx512();
  }

  static boolean hasAvx512Vnni() {
    return emits() && CpuFeatures.detect().avx512Vnni();
  }

  static boolean hasAmx() {
    return hasAvx512Vnni() && CpuFeatures.detect().amxInt8() && AmxPermission.isGranted();
  }

  static boolean hasAvxVnni() {
    return emits() && CpuFeatures.detect().avxVnni();
  }
}
