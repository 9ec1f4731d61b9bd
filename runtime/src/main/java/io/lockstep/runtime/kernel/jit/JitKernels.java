package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.BlockedAttention;
import io.lockstep.runtime.kernel.Copies;
import io.lockstep.runtime.kernel.Depthwise;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.kernel.ProductConv;
import io.lockstep.runtime.kernel.ProductHeadAttention;
import io.lockstep.runtime.kernel.Quantize;
import io.lockstep.runtime.kernel.SteppedChains;
import io.lockstep.runtime.kernel.SteppedRowChains;
import io.lockstep.runtime.kernel.jit.TileShape.Product;
import java.util.Optional;
import java.util.function.Supplier;

/** The backend of emitted machine code. */
public final class JitKernels {

  private JitKernels() {}

  /**
   * Kernels for the widest instruction set of this machine.
   *
   * @param others gives the families that are not emitted, asked when one is first needed
   * @param depthwise convolutions that are no products, where they are not emitted
   * @param scalar gives copies and conversions that are not emitted
   * @throws KernelsUnavailableException where the machine, the system or the JVM's settings do not
   *     allow it
   */
  public static KernelSet create(
      Supplier<KernelSet> others, Supplier<Depthwise> depthwise, KernelSet scalar) {
    CpuFeatures features = CpuFeatures.detect();
    if (!features.avx2()) {
      throw new KernelsUnavailableException("the processor has no AVX2");
    }
    return create(others, depthwise, scalar, Instructions.widest(features));
  }

  /** What this processor has and the system refuses, as a sentence for the log; empty for none. */
  public static Optional<String> refusal() {
    return CpuFeatures.detect().amxInt8() && !AmxPermission.isGranted()
        ? Optional.of("the processor has AMX, which the system does not permit")
        : Optional.empty();
  }

  /**
   * Kernels for AVX2, wherever this machine has at least that.
   *
   * @param others gives the families that are not emitted, asked when one is first needed
   * @param depthwise convolutions that are no products, where they are not emitted
   * @param scalar gives copies and conversions that are not emitted
   * @throws KernelsUnavailableException as {@link #create(Supplier, Supplier, KernelSet)}
   */
  public static KernelSet createAvx2(
      Supplier<KernelSet> others, Supplier<Depthwise> depthwise, KernelSet scalar) {
    CpuFeatures features = CpuFeatures.detect();
    if (!features.avx2()) {
      throw new KernelsUnavailableException("the processor has no AVX2");
    }
    return create(others, depthwise, scalar, Instructions.avx2(features));
  }

  /** Kernels of some instructions. */
  static KernelSet create(
      Supplier<KernelSet> kernels,
      Supplier<Depthwise> depthwise,
      KernelSet scalar,
      Instructions instructions) {
    Isa isa = instructions.isa();
    Product bytes = instructions.bytes();
    Others others = new Others(kernels, depthwise);
    JitElementwise elementwise = new JitElementwise(isa, others, scalar.elementwise());
    TileEpilogue epilogues = new TileEpilogue(elementwise);
    TileKernels floatTiles = instructions.floatTiles();
    JitGemm gemm = new JitGemm(floatTiles, epilogues);
    TileKernels integerTiles = instructions.byteTiles();
    AmxKernels amx = instructions.amx() ? new AmxKernels(integerTiles) : null;
    JitQuantGemm quantGemm = new JitQuantGemm(integerTiles, amx, epilogues);
    // AVX-512 without dot products of bytes has nothing that AVX2 lacks here.
    Isa blockIsa = bytes == Product.BYTES ? isa : Isa.AVX2;
    JitHalfGemm halfGemm = new JitHalfGemm(isa, instructions.fetches());
    JitBlockGemm blockGemm = new JitBlockGemm(blockIsa, bytes, halfGemm, others);
    boolean storesBytes = isa == Isa.AVX512 && bytes == Product.BYTES;
    Copies transposing = new TransposingCopies(isa, scalar.copies());
    WindowKernels windows = new WindowKernels(isa);
    JitReduce reduce = new JitReduce(isa, others);
    Quantize quantize = isa == Isa.AVX512 ? new JitQuantize() : new OtherQuantize(others);
    return new KernelSet(
        instructions.kernelsName(),
        gemm,
        quantGemm,
        blockGemm,
        new JitNBitsGemm(isa, blockGemm),
        new JitAttention(
            isa, new BlockedAttention(new JitAttentionBlocks(isa), reduce, elementwise), others),
        isa == Isa.AVX512 ? new JitHeadAttention() : new ProductHeadAttention(gemm, reduce),
        new ProductConv(
            gemm,
            new JitWindowGemm(floatTiles, epilogues),
            quantGemm,
            storesBytes ? new JitQuantWindowGemm(integerTiles) : null,
            new JitDepthwise(new DepthwiseKernels(isa), windows, storesBytes, epilogues, others),
            quantize,
            transposing),
        elementwise,
        new JitElementChains(isa, new SteppedChains(elementwise, quantize)),
        new JitRowChains(isa, new SteppedRowChains(elementwise, quantize)),
        reduce,
        new JitPool(windows, others),
        quantize,
        isa == Isa.AVX512 ? new JitCopies(transposing) : transposing);
  }
}
