/**
 * Kernels as x86-64 machine code that is written while the process runs: AVX-512 where the
 * processor has it, else AVX2.
 *
 * <p>A kernel is a generator, a class that drives an {@link
 * io.lockstep.runtime.kernel.jit.Assembler}, and a driver, which implements a family of {@code
 * kernel} and cuts the work into calls of well under 100 microseconds: the virtual machine cannot
 * stop a thread while one runs. All kernels share one signature, a pointer to a {@link
 * io.lockstep.runtime.kernel.jit.Parameters} block. Nothing checks bounds behind a call, so drivers
 * check the segments that they pass on. A new instruction is one line in {@link
 * io.lockstep.runtime.kernel.jit.Op} and one in its test.
 */
@NullMarked
package io.lockstep.runtime.kernel.jit;

import org.jspecify.annotations.NullMarked;
