/** The Open Inference Protocol, version 2, over REST, with the extensions Triton's clients use. */
@NullMarked
package io.lockstep.server.api.v2;

import org.jspecify.annotations.NullMarked;
