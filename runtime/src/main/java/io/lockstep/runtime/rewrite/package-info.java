/**
 * Passes over a graph between import and planning: each makes a new graph that computes the same
 * with less work.
 */
@NullMarked
package io.lockstep.runtime.rewrite;

import org.jspecify.annotations.NullMarked;
