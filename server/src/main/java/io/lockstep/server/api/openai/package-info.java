/** The part of OpenAI's API that embedding clients use. */
@NullMarked
package io.lockstep.server.api.openai;

import org.jspecify.annotations.NullMarked;
