/** How parameters move against a gradient. */
@NullMarked
package io.lockstep.training.optimizer;

import org.jspecify.annotations.NullMarked;
