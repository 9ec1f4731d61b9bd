/**
 * The regular expressions by which tokenizers split text, matched in bounded time whatever model
 * files and texts hold.
 *
 * <p>{@link io.lockstep.runtime.pattern.TextPattern} is one; a {@link
 * io.lockstep.runtime.pattern.PatternMatcher} finds its matches in a text. Classes of characters
 * stand here, too.
 */
@NullMarked
package io.lockstep.runtime.pattern;

import org.jspecify.annotations.NullMarked;
