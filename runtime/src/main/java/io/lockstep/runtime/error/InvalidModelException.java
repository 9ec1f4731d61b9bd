package io.lockstep.runtime.error;

/** The model file is wrong: damaged, contradictory, or reaching outside its folder. */
public final class InvalidModelException extends ModelException {

  private static final long serialVersionUID = 1L;

  public InvalidModelException(String message) {
    super(message);
  }

  public InvalidModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
