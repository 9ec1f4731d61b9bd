/** What dashboards and alerts see. */
@NullMarked
package io.lockstep.server.metrics;

import org.jspecify.annotations.NullMarked;
