/** How fast language models run in the engine, beside llama.cpp in the same process. */
@NullMarked
package io.lockstep.loadtest.decode;

import org.jspecify.annotations.NullMarked;
