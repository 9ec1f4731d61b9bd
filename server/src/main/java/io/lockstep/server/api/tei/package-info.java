/** The routes of Hugging Face's Text Embeddings Inference. */
@NullMarked
package io.lockstep.server.api.tei;

import org.jspecify.annotations.NullMarked;
