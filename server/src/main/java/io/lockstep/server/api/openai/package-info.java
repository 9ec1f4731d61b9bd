/** OpenAI's API, as far as a server of models has it. */
@NullMarked
package io.lockstep.server.api.openai;

import org.jspecify.annotations.NullMarked;
