/** Small stories and conversations made up by a grammar: what the language model learns from. */
@NullMarked
package io.lockstep.training.text;

import org.jspecify.annotations.NullMarked;
