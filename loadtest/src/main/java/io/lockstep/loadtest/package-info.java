/** Drives running servers over HTTP and measures what their clients see. Knows nothing of ours. */
@NullMarked
package io.lockstep.loadtest;

import org.jspecify.annotations.NullMarked;
