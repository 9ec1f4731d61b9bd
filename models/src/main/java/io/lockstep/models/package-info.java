/** Trains the demo repository's small models and writes them as ONNX files with golden outputs. */
@NullMarked
package io.lockstep.models;

import org.jspecify.annotations.NullMarked;
