package io.lockstep.server.api.v2;

/**
 * An output that a request asks for.
 *
 * @param binary whether its elements go behind the JSON instead of into it
 * @param classes how many of the best classes to answer instead of the elements; 0 for elements
 * @param explicit whether the output itself says if it is binary
 */
record RequestedOutput(String name, boolean binary, int classes, boolean explicit) {

  /** This with the request's choice where the output itself makes none. */
  RequestedOutput orDefault(boolean binaryByDefault) {
    return explicit ? this : new RequestedOutput(name, binaryByDefault, classes, false);
  }
}
