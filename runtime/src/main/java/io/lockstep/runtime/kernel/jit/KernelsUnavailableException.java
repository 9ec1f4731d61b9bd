package io.lockstep.runtime.kernel.jit;

/** Emitted kernels cannot run on this machine; the message says why. */
public final class KernelsUnavailableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  KernelsUnavailableException(String message) {
    super(message);
  }

  KernelsUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
