/** TODO. */
@NullMarked
package io.lockstep.runtime.importer;

import org.jspecify.annotations.NullMarked;
