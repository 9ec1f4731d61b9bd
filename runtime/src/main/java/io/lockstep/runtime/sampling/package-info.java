/** Chooses the next token of a text from the logits that a decoder gives. */
@NullMarked
package io.lockstep.runtime.sampling;

import org.jspecify.annotations.NullMarked;
