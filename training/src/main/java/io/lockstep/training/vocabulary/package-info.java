/** The tokens of the story teller: learning them, and turning its texts into them. */
@NullMarked
package io.lockstep.training.vocabulary;

import org.jspecify.annotations.NullMarked;
