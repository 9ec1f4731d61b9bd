/** Reads language models as Hugging Face stores them: safetensors files beside config.json. */
@NullMarked
package io.lockstep.runtime.importer.safetensors;

import org.jspecify.annotations.NullMarked;
