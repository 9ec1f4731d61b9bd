package io.lockstep.server.serving;

/** Continues texts. Safe for any number of threads. */
public interface GenerationService {

  /**
   * Checks a request, turns its prompt into tokens and puts it in the queue; does not wait for the
   * first token.
   *
   * @throws ServingException as {@link InferenceService#submit}; INVALID_ARGUMENT also when the
   *     model does not generate or the prompt does not fit its context
   */
  GenerationCall submit(GenerationRequest request);
}
