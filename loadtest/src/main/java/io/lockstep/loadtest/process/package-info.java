/** Servers that benchmarks start as processes of their own. */
@NullMarked
package io.lockstep.loadtest.process;

import org.jspecify.annotations.NullMarked;
