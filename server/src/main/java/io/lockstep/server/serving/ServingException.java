package io.lockstep.server.serving;

/** A refusal or failure that is told to the client; the message is one sentence for a human. */
public final class ServingException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final int retryAfterSeconds;

  public ServingException(ErrorCode code, String message) {
    this(code, message, 0);
  }

  private ServingException(ErrorCode code, String message, int retryAfterSeconds) {
    // Refusals are an ordinary answer under load; nobody reads where they were thrown.
    super(message, null, false, false);
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  public static ServingException invalid(String message) {
    return new ServingException(ErrorCode.INVALID_ARGUMENT, message);
  }

  /**
   * A full queue.
   *
   * @param retryAfterSeconds when the queue is expected to have room, at least 1
   */
  public static ServingException overloaded(String message, int retryAfterSeconds) {
    return new ServingException(ErrorCode.OVERLOADED, message, Math.max(1, retryAfterSeconds));
  }

  /** The same with another message. */
  public ServingException withMessage(String message) {
    return new ServingException(code, message, retryAfterSeconds);
  }

  public ErrorCode code() {
    return code;
  }

  /** Seconds for the {@code Retry-After} header; 0 when none is to be sent. */
  public int retryAfterSeconds() {
    return retryAfterSeconds;
  }

  /** The message; never null, unlike that of other exceptions. */
  @Override
  public String getMessage() {
    String message = super.getMessage();
    return message == null ? code.name() : message;
  }
}
