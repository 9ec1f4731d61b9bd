package io.lockstep.runtime.error;

/**
 * An input does not fit the model: its shape, its data type or its values; says expected and
 * actual.
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
