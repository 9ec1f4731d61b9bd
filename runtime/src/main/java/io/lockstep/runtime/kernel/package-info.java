/** TODO. */
@NullMarked
package io.lockstep.runtime.kernel;

import org.jspecify.annotations.NullMarked;
