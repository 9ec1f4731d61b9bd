package io.lockstep.server.metrics;

/** A generating model of which everything is known. */
record FakeGeneration(
    long runningSequences, long waitingSequences, long usedBlocks, long totalBlocks)
    implements GenerationLoad {}
