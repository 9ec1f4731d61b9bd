/** The inference engine: loads a model file and runs it. */
@NullMarked
package io.lockstep.runtime;

import org.jspecify.annotations.NullMarked;
