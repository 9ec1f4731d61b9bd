package io.lockstep.server.serving;

import io.lockstep.runtime.sampling.TokenLogprobs;

/**
 * A token of an answer whose probability was asked for.
 *
 * @param text what it adds to the text, U+FFFD for a part of a character
 * @param logprobs of the token, and of the most probable ones in its place
 */
public record GeneratedToken(String text, TokenLogprobs logprobs) {}
