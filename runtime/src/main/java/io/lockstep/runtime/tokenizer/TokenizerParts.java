package io.lockstep.runtime.tokenizer;

/**
 * What a tokenizer is made of, in the order in which text passes through.
 *
 * @param padId fills unused positions of a batch
 */
record TokenizerParts(
    Vocabulary vocabulary,
    TextNormalizer normalizer,
    PreTokenizer preTokenizer,
    SubwordModel model,
    Template template,
    TokenDecoder decoder,
    Truncation truncation,
    int padId) {}
