/** TODO. */
@NullMarked
package io.lockstep.runtime.operator;

import org.jspecify.annotations.NullMarked;
