package io.lockstep.loadtest.generator;

/**
 * One request, in nanoseconds from the start of its stage.
 *
 * @param intended when it was to be sent
 * @param sent when it was sent
 * @param done when the last byte of its answer was there, or it had failed
 * @param stream what a stream gave, {@link StreamTimes#NONE} for others
 */
public record Sample(long intended, long sent, long done, Result result, StreamTimes stream) {

  /** What became of a request. */
  public enum Result {
    /** Answered as asked. */
    ANSWERED,
    /** Refused for lack of room: 429 or 503. */
    REJECTED,
    /** Any other status, a broken connection, no answer in time. */
    FAILED;

    private static final int OK = 200;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int UNAVAILABLE = 503;

    /** What an HTTP status means; 0 stands for no answer at all. */
    static Result of(int status) {
      return switch (status) {
        case OK -> ANSWERED;
        case TOO_MANY_REQUESTS, UNAVAILABLE -> REJECTED;
        default -> FAILED;
      };
    }
  }

  /** Nanoseconds that whoever wanted the answer then had to wait for it. */
  public long latency() {
    return done - intended;
  }

  /** Nanoseconds by which the generator was late. */
  public long lag() {
    return sent - intended;
  }
}
