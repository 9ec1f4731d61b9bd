package io.lockstep.server.serving;

/**
 * How much a model that generates takes on.
 *
 * @param maxSequences texts that are generated at a time
 * @param stepTokens that a step computes at most, prompts being cut into pieces to keep to it;
 *     texts that are being generated get their token in any case
 * @param maxQueueTokens tokens of the prompts that may wait, beyond which requests are refused
 */
public record GenerationLimits(int maxSequences, int stepTokens, int maxQueueTokens) {}
