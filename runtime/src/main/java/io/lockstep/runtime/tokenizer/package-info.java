/**
 * Text to token ids and back, as a model's {@code tokenizer.json} describes it.
 *
 * <p>{@link io.lockstep.runtime.tokenizer.TokenizerJson} reads the file and chooses the kind by its
 * {@code model.type}; everything else works through {@link
 * io.lockstep.runtime.tokenizer.Tokenizer}. A tokenizer is immutable and may be shared by any
 * number of threads.
 */
@NullMarked
package io.lockstep.runtime.tokenizer;

import org.jspecify.annotations.NullMarked;
