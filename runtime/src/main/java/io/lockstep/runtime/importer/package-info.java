/** Readers of model files: each turns a format into a graph. */
@NullMarked
package io.lockstep.runtime.importer;

import org.jspecify.annotations.NullMarked;
