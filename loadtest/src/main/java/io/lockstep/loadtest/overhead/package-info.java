/** What the server costs beside the model: a model that does nothing, and a handler beside it. */
@NullMarked
package io.lockstep.loadtest.overhead;

import org.jspecify.annotations.NullMarked;
