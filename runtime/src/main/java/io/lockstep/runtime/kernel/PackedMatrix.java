package io.lockstep.runtime.kernel;

import java.lang.foreign.MemorySegment;

/**
 * A constant right-hand matrix [k, n] in the layout of the backend that packed it; only that
 * backend reads {@code data}, whose memory belongs to the arena given at packing.
 *
 * @param k rows, the reduction length
 * @param n columns
 * @param data the elements, laid out as the backend wants them
 */
public record PackedMatrix(int k, int n, MemorySegment data) {}
