/** ONNX graphs in the engine beside ONNX Runtime: single operators and whole models. */
@NullMarked
package io.lockstep.loadtest.graph;

import org.jspecify.annotations.NullMarked;
