/** Servers that a benchmark starts by itself, each in a JVM of its own. */
@NullMarked
package io.lockstep.loadtest.process;

import org.jspecify.annotations.NullMarked;
