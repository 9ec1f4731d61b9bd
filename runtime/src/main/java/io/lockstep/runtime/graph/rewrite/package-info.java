/** TODO. */
@NullMarked
package io.lockstep.runtime.graph.rewrite;

import org.jspecify.annotations.NullMarked;
