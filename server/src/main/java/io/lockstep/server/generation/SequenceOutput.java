package io.lockstep.server.generation;

import io.lockstep.server.serving.FinishReason;
import io.lockstep.server.serving.GeneratedToken;
import io.lockstep.server.serving.ServingException;
import java.util.List;

/** Where a sequence's text goes. Called by the batcher's thread, answered by another one. */
public interface SequenceOutput {

  /** Whether the reader keeps up; a sequence without room pauses. */
  boolean hasRoom();

  /** Whether nobody wants the text any more. */
  boolean isCancelled();

  /** The sequence leaves the queue; told again when it was stopped meanwhile. */
  void started(long nowNanos);

  /** A token was chosen, which took so long. */
  void chosen(long tookNanos);

  /** The text goes on by one token. */
  void text(String text, List<GeneratedToken> tokens);

  /** The text is over; nothing follows. */
  void finished(FinishReason reason, int generatedTokens, int cachedTokens);

  /** The text failed; nothing follows. */
  void failed(ServingException problem);
}
