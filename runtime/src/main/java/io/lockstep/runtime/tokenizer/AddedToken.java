package io.lockstep.runtime.tokenizer;

/**
 * A token that is recognised in the text as a whole, before any word is split.
 *
 * @param content its spelling
 * @param singleWord only where no word character touches it
 * @param takesSpaceBefore swallows white space to its left ({@code lstrip})
 * @param takesSpaceAfter swallows white space to its right ({@code rstrip})
 * @param normalized sought in the normalised text, not in the original
 * @param special a control token, which decoding may skip
 */
record AddedToken(
    int id,
    String content,
    boolean singleWord,
    boolean takesSpaceBefore,
    boolean takesSpaceAfter,
    boolean normalized,
    boolean special) {}
