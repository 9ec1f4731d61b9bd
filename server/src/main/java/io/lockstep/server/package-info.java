/** The server: wires its parts together and runs from the command line. */
@NullMarked
package io.lockstep.server;

import org.jspecify.annotations.NullMarked;
