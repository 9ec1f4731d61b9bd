package io.lockstep.server.serving;

import org.jspecify.annotations.Nullable;

/** Texts being generated. */
public interface GenerationCall {

  /** The version that generates. */
  String version();

  /** Tokens of the prompt, special tokens included. */
  int promptTokens();

  /**
   * Waits for what happens next. Called by one thread, until every text has finished.
   *
   * @param nanos at most so long
   * @return null when nothing happened in that time
   * @throws ServingException when the request failed, expired or was cancelled: nothing follows
   */
  @Nullable GenerationEvent next(long nanos) throws InterruptedException;

  /**
   * Nobody wants the texts any more; their memory is free before another token is computed. Any
   * thread may call it at any time.
   */
  void cancel();
}
