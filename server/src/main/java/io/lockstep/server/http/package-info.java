/** The HTTP side: wiring of routes, limits, watching connections, metrics and stopping. */
@NullMarked
package io.lockstep.server.http;

import org.jspecify.annotations.NullMarked;
