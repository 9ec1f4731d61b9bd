/**
 * Contiguous, row-major tensors in native memory with a visible owner.
 *
 * <p>There is one memory representation: a 64-byte aligned native segment. It serves mapped
 * weights, vector kernels and emitted code alike. Text is the exception: its elements are byte
 * arrays on the heap.
 */
@NullMarked
package io.lockstep.runtime.tensor;

import org.jspecify.annotations.NullMarked;
