package io.lockstep.runtime.importer.gguf;

import io.lockstep.runtime.quant.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A tensor of a GGUF file.
 *
 * @param extents outermost first, the contrary of the file's order: rows of a matrix before the
 *     elements of a row
 * @param data the blocks of all rows one after the other, mapped from the file
 */
public record GgufTensor(String name, BlockFormat format, List<Long> extents, MemorySegment data) {}
