/** The tabular model: gradient-boosted trees that tell how long a delivery takes. */
@NullMarked
package io.lockstep.models.tabular;

import org.jspecify.annotations.NullMarked;
