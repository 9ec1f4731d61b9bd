/** The file that a trained decoder is kept in. */
@NullMarked
package io.lockstep.training.file;

import org.jspecify.annotations.NullMarked;
