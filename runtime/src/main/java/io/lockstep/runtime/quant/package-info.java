/** Formats in which weights are stored, block by block, and what their bytes stand for. */
@NullMarked
package io.lockstep.runtime.quant;

import org.jspecify.annotations.NullMarked;
