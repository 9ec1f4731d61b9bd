package io.lockstep.runtime.importer;

import io.lockstep.runtime.quant.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A tensor of a model file.
 *
 * @param extents outermost first: rows of a matrix before the elements of a row
 * @param data the blocks of all rows one after the other
 */
public record ModelTensor(
    String name, BlockFormat format, List<Long> extents, MemorySegment data) {}
