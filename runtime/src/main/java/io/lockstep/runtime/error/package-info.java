/** What can be wrong with a model file, a model or an input, as exceptions. */
@NullMarked
package io.lockstep.runtime.error;

import org.jspecify.annotations.NullMarked;
