/**
 * Which requests run together, and how their rows get into one run and out again.
 *
 * <p>Everything here is bookkeeping without threads, locks or clocks: the dispatcher of a model
 * instance owns it and tells it the time.
 */
@NullMarked
package io.lockstep.server.batching;

import org.jspecify.annotations.NullMarked;
