/** TODO. */
@NullMarked
package io.lockstep.runtime.importer.onnx;

import org.jspecify.annotations.NullMarked;
