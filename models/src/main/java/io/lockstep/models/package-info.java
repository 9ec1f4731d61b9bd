/** TODO. */
@NullMarked
package io.lockstep.models;

import org.jspecify.annotations.NullMarked;
