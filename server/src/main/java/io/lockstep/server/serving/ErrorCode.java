package io.lockstep.server.serving;

/** Everything that can go wrong with a request, as clients and dashboards tell it apart. */
public enum ErrorCode {
  /** The request contradicts the protocol or the model's signature. */
  INVALID_ARGUMENT(400),
  /** A prompt leaves no room in the model's context. */
  CONTEXT_LENGTH_EXCEEDED(400),
  /** The request's API key is missing or unknown. */
  UNAUTHENTICATED(401),
  /** No model, version or output of this name. */
  MODEL_NOT_FOUND(404),
  /** The server has no such path. */
  UNKNOWN_ROUTE(404),
  /** The body or a tensor is larger than the configured limit. */
  PAYLOAD_TOO_LARGE(413),
  /** The queue is full; {@link ServingException#retryAfterSeconds} says when to come back. */
  OVERLOADED(429),
  /** The client closed the connection or cancelled; nobody reads the answer. */
  CANCELLED(499),
  /** A fault of the server; the message gives no details, the log does. */
  INTERNAL(500),
  /** The protocol has such a thing but this server does not. */
  UNSUPPORTED(501),
  /** The model is loading, draining or failed to load, or the server is shutting down. */
  MODEL_NOT_READY(503),
  /** The request's time ran out before its answer was there. */
  DEADLINE_EXCEEDED(504);

  private final int httpStatus;

  ErrorCode(int httpStatus) {
    this.httpStatus = httpStatus;
  }

  /** The HTTP status unless a protocol prescribes another one. */
  public int httpStatus() {
    return httpStatus;
  }
}
