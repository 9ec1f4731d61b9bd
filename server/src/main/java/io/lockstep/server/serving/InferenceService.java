package io.lockstep.server.serving;

/** Runs requests. Safe for any number of threads. */
public interface InferenceService {

  /**
   * Checks a request against its model and puts it in the queue; does not wait for the answer.
   *
   * <p>The request's memory belongs to the service from here on, whether this returns or throws:
   * the caller must not touch or close it again.
   *
   * @throws ServingException MODEL_NOT_FOUND, MODEL_NOT_READY, INVALID_ARGUMENT (naming the input,
   *     what was expected and what came), PAYLOAD_TOO_LARGE, OVERLOADED or DEADLINE_EXCEEDED
   */
  InferCall submit(InferRequest request);
}
