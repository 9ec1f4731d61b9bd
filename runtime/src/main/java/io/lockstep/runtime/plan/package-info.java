/** TODO. */
@NullMarked
package io.lockstep.runtime.plan;

import org.jspecify.annotations.NullMarked;
