package io.lockstep.runtime.kernel;

import java.lang.foreign.MemorySegment;

/**
 * A constant right-hand matrix [k, n] of 8-bit integers in the layout of the backend that packed
 * it; only that backend reads {@code data}. All memory belongs to the arena given at packing.
 *
 * @param k rows, the reduction length
 * @param n columns
 * @param data the elements as signed bytes (unsigned ones shifted by -128), in the backend's layout
 * @param columnSums int32 [n]: the sum over k of the signed bytes
 * @param zeroPoints int32 [n]: the zero point of each column, shifted like the elements
 */
public record PackedQuantMatrix(
    int k, int n, MemorySegment data, MemorySegment columnSums, MemorySegment zeroPoints) {}
