package io.lockstep.runtime.kernel;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * How the 32-bit sums of a product or convolution are brought to the scale of an 8-bit output:
 * clamp(round((sum + bias) multiplier) + zeroPoint), ties to even.
 *
 * @param bias int32 [columns], or null for none
 * @param multipliers float [columns]
 * @param lowest the least result, at least the output type's
 * @param highest the greatest result, at most the output type's
 */
public record Requantization(
    @Nullable MemorySegment bias,
    MemorySegment multipliers,
    int zeroPoint,
    int lowest,
    int highest) {}
