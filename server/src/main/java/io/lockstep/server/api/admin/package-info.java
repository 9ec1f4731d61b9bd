/** What operators ask of a server: why requests waited, and what a model does. */
@NullMarked
package io.lockstep.server.api.admin;

import org.jspecify.annotations.NullMarked;
