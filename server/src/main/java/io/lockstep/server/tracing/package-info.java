/** Requests as spans of distributed traces. */
@NullMarked
package io.lockstep.server.tracing;

import org.jspecify.annotations.NullMarked;
