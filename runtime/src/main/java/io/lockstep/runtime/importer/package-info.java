/** What readers of model files have in common. */
@NullMarked
package io.lockstep.runtime.importer;

import org.jspecify.annotations.NullMarked;
