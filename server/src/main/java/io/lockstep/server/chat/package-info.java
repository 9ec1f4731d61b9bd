/** Conversations to prompts: the Jinja templates that come with models. */
@NullMarked
package io.lockstep.server.chat;

import org.jspecify.annotations.NullMarked;
