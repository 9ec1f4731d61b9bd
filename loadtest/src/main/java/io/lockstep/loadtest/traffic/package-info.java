/** What is sent: a body for each request, in the dialect of a protocol. */
@NullMarked
package io.lockstep.loadtest.traffic;

import org.jspecify.annotations.NullMarked;
