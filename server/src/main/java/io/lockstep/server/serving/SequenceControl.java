package io.lockstep.server.serving;

/**
 * What a request says of the sequence that it is a step of.
 *
 * @param start whether the sequence begins here, anew if there is one of this name
 * @param end whether it is over once this step is answered
 */
public record SequenceControl(SequenceId id, boolean start, boolean end) {}
