/**
 * The kernels on the JDK's Vector API: the portable fast path.
 *
 * <p>Loops are small methods with one loop each, because the compiler gives up on larger ones.
 * Tails are masked, so that an element's bits do not depend on where it stands.
 */
@NullMarked
package io.lockstep.runtime.kernel.vector;

import org.jspecify.annotations.NullMarked;
