/** How soon a server that has just been started answers, and how fast. */
@NullMarked
package io.lockstep.loadtest.start;

import org.jspecify.annotations.NullMarked;
