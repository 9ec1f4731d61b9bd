/** Pages for people: the console at the root, and the description of all routes. */
@NullMarked
package io.lockstep.server.api.console;

import org.jspecify.annotations.NullMarked;
