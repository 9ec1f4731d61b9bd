package io.lockstep.runtime.error;

/** The model is well formed but needs something that the runtime does not have; lists all of it. */
public final class UnsupportedModelException extends ModelException {

  private static final long serialVersionUID = 1L;

  public UnsupportedModelException(String message) {
    super(message);
  }

  public UnsupportedModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
