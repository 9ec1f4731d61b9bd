/**
 * A model as a graph of operators, independent of the file format it came from and of the kernels
 * that will run it.
 */
@NullMarked
package io.lockstep.runtime.graph;

import org.jspecify.annotations.NullMarked;
