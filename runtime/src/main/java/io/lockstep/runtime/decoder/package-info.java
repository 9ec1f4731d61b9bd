/**
 * Language models that continue a text: their forward pass, and the memory of what they have read.
 */
@NullMarked
package io.lockstep.runtime.decoder;

import org.jspecify.annotations.NullMarked;
