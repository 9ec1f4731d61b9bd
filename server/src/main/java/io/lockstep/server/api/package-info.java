/**
 * What all protocols share: the exchange of one request and its answer, admission, limits, and the
 * mapping from failures to answers. A protocol is a {@link io.lockstep.server.api.Dialect} in a
 * package of its own and sees no other.
 */
@NullMarked
package io.lockstep.server.api;

import org.jspecify.annotations.NullMarked;
