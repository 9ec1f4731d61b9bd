package io.lockstep.server.serving;

import org.jspecify.annotations.Nullable;

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

  /**
   * The version that a request would be answered by.
   *
   * @param sequence that the request is a step of, or null for none; one that goes on does so on
   *     the version where it began, even when that has a successor
   * @throws ServingException MODEL_NOT_FOUND or MODEL_NOT_READY
   */
  ModelDescription describe(
      String model, @Nullable String version, @Nullable SequenceControl sequence);
}
