/** TODO. */
@NullMarked
package io.lockstep.runtime.error;

import org.jspecify.annotations.NullMarked;
