package io.lockstep.runtime.error;

/**
 * An input does not fit the model: its shape, its data type or its values; says expected and
 * actual. A model that was loaded and cannot work with some input is not to blame for it.
 */
public final class InvalidInputException extends ModelException {

  private static final long serialVersionUID = 1L;

  public InvalidInputException(String message) {
    super(message);
  }

  public InvalidInputException(String message, Throwable cause) {
    super(message, cause);
  }
}
