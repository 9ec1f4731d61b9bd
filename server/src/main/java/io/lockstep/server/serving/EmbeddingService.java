package io.lockstep.server.serving;

/** Turns texts into vectors: tokenise, run each text as its own request, pool, normalise. */
public interface EmbeddingService {

  /**
   * Starts embedding; does not wait for the answer. The texts are separate requests to the batcher,
   * so that their lengths are bucketed with those of everybody else.
   *
   * @throws ServingException as {@link InferenceService#submit}; INVALID_ARGUMENT also when the
   *     model does not embed, an input is empty or has too many tokens, a token id is unknown, or
   *     more dimensions are wanted than there are
   */
  EmbeddingCall submit(EmbeddingRequest request);

  /** Texts under way. */
  interface EmbeddingCall {

    /** As {@link InferCall#await}; fails as a whole when one text fails. */
    EmbeddingResponse await() throws InterruptedException;

    /** As {@link InferCall#cancel}. */
    void cancel();
  }
}
