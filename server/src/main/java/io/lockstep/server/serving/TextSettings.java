package io.lockstep.server.serving;

import io.lockstep.runtime.tokenizer.Tokenizer;

/**
 * How a model turns texts into vectors.
 *
 * @param tokenizer read from the tokenizer.json beside the model
 * @param pooling over the first output, [rows, tokens, width]; ignored when it is [rows, width]
 * @param normalize whether vectors have length 1 unless a request says otherwise
 * @param maxLength the most tokens of a text, special tokens included
 * @param dimensions the width of a vector, or -1 when the signature leaves it open
 */
public record TextSettings(
    Tokenizer tokenizer, Pooling pooling, boolean normalize, int maxLength, int dimensions) {}
