/** Trains the built-in language model. */
@NullMarked
package io.lockstep.training;

import org.jspecify.annotations.NullMarked;
