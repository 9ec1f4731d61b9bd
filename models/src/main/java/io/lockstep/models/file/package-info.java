/** The files of a model's folder: ONNX graphs, golden inputs and outputs. */
@NullMarked
package io.lockstep.models.file;

import org.jspecify.annotations.NullMarked;
