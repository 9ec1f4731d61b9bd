/** TODO. */
@NullMarked
package io.lockstep.runtime.graph;

import org.jspecify.annotations.NullMarked;
