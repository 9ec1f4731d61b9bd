package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.BlockedAttention;
import io.lockstep.runtime.kernel.Depthwise;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.kernel.ProductConv;
import io.lockstep.runtime.kernel.Quantize;
import io.lockstep.runtime.kernel.jit.TileShape.Product;

/** The backend of emitted machine code. */
public final class JitKernels {

  private JitKernels() {}

  /**
   * Kernels for the widest instruction set of this machine.
   *
   * @param others the families that are not emitted
   * @param depthwise convolutions that are no products, where they are not emitted
   * @throws KernelsUnavailableException where the machine, the system or the JVM's settings do not
   *     allow it
   */
  public static KernelSet create(KernelSet others, Depthwise depthwise) {
    CpuFeatures features = CpuFeatures.detect();
    if (!features.avx2()) {
      throw new KernelsUnavailableException("the processor has no AVX2");
    }
    Isa isa = features.avx512() ? Isa.AVX512 : Isa.AVX2;
    boolean dots = isa == Isa.AVX512 ? features.avx512Vnni() : features.avxVnni();
    return create(others, depthwise, isa, dots ? Product.BYTES : Product.WORDS);
  }

  /**
   * Kernels for AVX2, wherever this machine has at least that.
   *
   * @param others the families that are not emitted
   * @param depthwise convolutions that are no products, where they are not emitted
   * @throws KernelsUnavailableException as {@link #create(KernelSet, Depthwise)}
   */
  public static KernelSet createAvx2(KernelSet others, Depthwise depthwise) {
    CpuFeatures features = CpuFeatures.detect();
    if (!features.avx2()) {
      throw new KernelsUnavailableException("the processor has no AVX2");
    }
    return create(others, depthwise, Isa.AVX2, features.avxVnni() ? Product.BYTES : Product.WORDS);
  }

  /**
   * Kernels for one instruction set.
   *
   * @param bytes how products of bytes are computed
   */
  static KernelSet create(KernelSet others, Depthwise depthwise, Isa isa, Product bytes) {
    JitElementwise elementwise = new JitElementwise(isa, others.elementwise());
    TileEpilogue epilogues = new TileEpilogue(elementwise);
    TileKernels floatTiles = new TileKernels(isa, Product.FLOATS);
    JitGemm gemm = new JitGemm(floatTiles, epilogues);
    TileKernels integerTiles = new TileKernels(isa, bytes);
    JitQuantGemm quantGemm = new JitQuantGemm(integerTiles, epilogues);
    boolean storesBytes = isa == Isa.AVX512 && bytes == Product.BYTES;
    JitReduce reduce = new JitReduce(isa, others.reduce());
    Quantize quantize = isa == Isa.AVX512 ? new JitQuantize() : others.quantize();
    WindowKernels windows = new WindowKernels(isa);
    return new KernelSet(
        isa == Isa.AVX512 ? "jit-avx512" : "jit-avx2",
        gemm,
        quantGemm,
        // AVX-512 without dot products of bytes has nothing that AVX2 lacks here.
        new JitBlockGemm(bytes == Product.BYTES ? isa : Isa.AVX2, bytes, others.blockGemm()),
        new JitAttention(
            isa,
            new BlockedAttention(new JitAttentionBlocks(isa), reduce, elementwise),
            others.attention()),
        new ProductConv(
            gemm,
            new JitWindowGemm(floatTiles, epilogues),
            quantGemm,
            storesBytes ? new JitQuantWindowGemm(integerTiles) : null,
            new JitDepthwise(windows, epilogues, depthwise),
            quantize),
        elementwise,
        reduce,
        new JitPool(windows, others.pool()),
        quantize,
        isa == Isa.AVX512 ? new JitCopies(others.copies()) : others.copies());
  }
}
