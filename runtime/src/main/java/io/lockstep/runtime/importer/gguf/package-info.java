/** Reads GGUF files: their metadata, their tensors, and the decoders that they hold. */
@NullMarked
package io.lockstep.runtime.importer.gguf;

import org.jspecify.annotations.NullMarked;
