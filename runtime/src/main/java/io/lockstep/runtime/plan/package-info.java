/**
 * Turns a graph into straight-line steps for concrete input shapes.
 *
 * <p>Shape arithmetic is folded away, control flow is inlined, buffers are placed in one arena by
 * their lifetimes. Where a shape depends on data, the plan is cut into stages: the next stage is
 * planned, and kept, once a run has told what it needs to know.
 */
@NullMarked
package io.lockstep.runtime.plan;

import org.jspecify.annotations.NullMarked;
