/**
 * What each operator means: its outputs, what can go wrong, and which kernel computes it.
 *
 * <p>One record for each ONNX operator or tight family. The tables ({@code ...Operators}) name them
 * for importers; only what rewrites build or match is public beside them.
 */
@NullMarked
package io.lockstep.runtime.operator;

import org.jspecify.annotations.NullMarked;
