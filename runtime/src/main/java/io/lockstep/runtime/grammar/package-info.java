/**
 * Grammars that generated text must follow: {@link io.lockstep.runtime.grammar.Grammar} compiles
 * one, {@link io.lockstep.runtime.grammar.GrammarState} says after every token which may come next.
 */
@NullMarked
package io.lockstep.runtime.grammar;

import org.jspecify.annotations.NullMarked;
