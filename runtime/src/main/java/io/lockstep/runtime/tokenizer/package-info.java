/** TODO. */
@NullMarked
package io.lockstep.runtime.tokenizer;

import org.jspecify.annotations.NullMarked;
