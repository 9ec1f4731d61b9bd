package io.lockstep.server.serving;

/**
 * The batch that a request ran in.
 *
 * @param rows of all requests together
 * @param requests how many shared the run
 * @param paddedLength what every row was padded to, or 0 when lengths play no part
 * @param reason why it was closed
 */
public record BatchInfo(int rows, int requests, int paddedLength, CloseReason reason) {

  /** An entry for the {@code Server-Timing} header. */
  public String serverTiming() {
    String padded = paddedLength > 0 ? ", padded to " + paddedLength : "";
    return "batch;desc=\""
        + rows
        + " rows of "
        + requests
        + " requests"
        + padded
        + ", "
        + reason.label()
        + '"';
  }
}
