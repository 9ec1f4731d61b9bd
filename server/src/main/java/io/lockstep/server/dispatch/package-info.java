/** Runs requests: checks and admits them, and owns the one thread of each model instance. */
@NullMarked
package io.lockstep.server.dispatch;

import org.jspecify.annotations.NullMarked;
