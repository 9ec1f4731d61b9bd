/** Sends requests at intended times, by Gatling, and notes what became of each. */
@NullMarked
package io.lockstep.loadtest.generator;

import org.jspecify.annotations.NullMarked;
