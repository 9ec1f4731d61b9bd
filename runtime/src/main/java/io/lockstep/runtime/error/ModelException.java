package io.lockstep.runtime.error;

/** Everything the runtime refuses; its message is one sentence that a user can act on. */
public abstract sealed class ModelException extends RuntimeException
    permits InvalidModelException, UnsupportedModelException, InvalidInputException {

  private static final long serialVersionUID = 1L;

  ModelException(String message) {
    super(message);
  }

  ModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
