/**
 * The kernels in plain Java: readable, never fast, and the oracle that every other backend is
 * tested against.
 */
@NullMarked
package io.lockstep.runtime.kernel.scalar;

import org.jspecify.annotations.NullMarked;
