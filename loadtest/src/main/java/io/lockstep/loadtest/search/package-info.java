/** Searches for loads and settings: a measurement in, what to measure next out. */
@NullMarked
package io.lockstep.loadtest.search;

import org.jspecify.annotations.NullMarked;
