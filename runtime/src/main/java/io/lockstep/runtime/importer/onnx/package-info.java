/** Reads ONNX models, opset 6 to the newest, with tensors in the file or beside it. */
@NullMarked
package io.lockstep.runtime.importer.onnx;

import org.jspecify.annotations.NullMarked;
