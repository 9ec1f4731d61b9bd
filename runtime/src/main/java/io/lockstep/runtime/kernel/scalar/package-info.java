/** TODO. */
@NullMarked
package io.lockstep.runtime.kernel.scalar;

import org.jspecify.annotations.NullMarked;
