/**
 * What a backend computes, as interfaces: one per family of kernels, gathered in a {@link
 * io.lockstep.runtime.kernel.KernelSet}.
 *
 * <p>The contract of every family: a result element depends only on its own operands, in an order
 * of arithmetic fixed by the reduction length; never on how many rows are computed together, on
 * neighbouring rows, on its position within a vector or on the number of threads.
 */
@NullMarked
package io.lockstep.runtime.kernel;

import org.jspecify.annotations.NullMarked;
