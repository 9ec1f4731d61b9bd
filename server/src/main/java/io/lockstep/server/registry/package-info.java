/** Which models there are, in which versions and states, and how they come and go. */
@NullMarked
package io.lockstep.server.registry;

import org.jspecify.annotations.NullMarked;
