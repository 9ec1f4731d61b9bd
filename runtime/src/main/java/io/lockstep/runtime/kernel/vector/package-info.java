/** TODO. */
@NullMarked
package io.lockstep.runtime.kernel.vector;

import org.jspecify.annotations.NullMarked;
