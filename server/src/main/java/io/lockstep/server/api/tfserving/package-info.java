/** TensorFlow Serving's REST API. */
@NullMarked
package io.lockstep.server.api.tfserving;

import org.jspecify.annotations.NullMarked;
