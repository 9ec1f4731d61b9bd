/** TODO. */
@NullMarked
package io.lockstep.loadtest;

import org.jspecify.annotations.NullMarked;
