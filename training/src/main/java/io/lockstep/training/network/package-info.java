/** Decoders of the Llama family with gradients, on the kernels of the runtime. */
@NullMarked
package io.lockstep.training.network;

import org.jspecify.annotations.NullMarked;
