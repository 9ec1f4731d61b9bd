/**
 * Continuous batching of generated texts: which tokens a step computes, and what becomes of them. A
 * state machine of events and times without threads.
 */
@NullMarked
package io.lockstep.server.generation;

import org.jspecify.annotations.NullMarked;
