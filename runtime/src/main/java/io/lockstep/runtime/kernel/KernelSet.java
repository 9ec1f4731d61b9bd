package io.lockstep.runtime.kernel;

/**
 * The kernels that a model runs on, family by family. A backend that speeds up only some families
 * takes the others from another one.
 *
 * @param name the backend's name, for the log and {@code inspect}
 */
public record KernelSet(
    String name,
    Gemm gemm,
    QuantGemm quantGemm,
    BlockGemm blockGemm,
    NBitsGemm nBitsGemm,
    Attention attention,
    HeadAttention headAttention,
    Conv conv,
    Elementwise elementwise,
    ElementChains chains,
    RowChains rowChains,
    Reduce reduce,
    Pool pool,
    Quantize quantize,
    Copies copies) {}
