package io.lockstep.server.serving;

import org.jspecify.annotations.Nullable;

/** A refusal or failure that is told to the client; the message is one sentence for a human. */
public final class ServingException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final int retryAfterSeconds;
  private final @Nullable String field;

  public ServingException(ErrorCode code, String message) {
    this(code, message, 0, null);
  }

  private ServingException(
      ErrorCode code, String message, int retryAfterSeconds, @Nullable String field) {
    // Refusals are an ordinary answer under load; nobody reads where they were thrown.
    super(message, null, false, false);
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
    this.field = field;
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
    return new ServingException(
        ErrorCode.OVERLOADED, message, Math.max(1, retryAfterSeconds), null);
  }

  /** The same with another message. */
  public ServingException withMessage(String message) {
    return new ServingException(code, message, retryAfterSeconds, field);
  }

  /** The same, of the field of the request that is at fault; whoever said it first knows best. */
  public ServingException at(@Nullable String name) {
    return field != null || name == null
        ? this
        : new ServingException(code, getMessage(), retryAfterSeconds, name);
  }

  public ErrorCode code() {
    return code;
  }

  /** The one field that is at fault, such as {@code messages[1].role}; null when it is not one. */
  public @Nullable String field() {
    return field;
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
