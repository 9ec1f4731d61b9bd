/** TODO. */
@NullMarked
package io.lockstep.runtime.tensor;

import org.jspecify.annotations.NullMarked;
