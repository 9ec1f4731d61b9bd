package io.lockstep.server.generation;

import io.lockstep.server.serving.FinishReason;
import io.lockstep.server.serving.GeneratedToken;
import io.lockstep.server.serving.ServingException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects a text; its reader can be slow or gone. */
final class FakeOutput implements SequenceOutput {

  final StringBuilder text = new StringBuilder();
  final List<GeneratedToken> tokens = new ArrayList<>();
  boolean hasRoom = true;
  boolean isCancelled;
  @Nullable FinishReason reason;
  @Nullable ServingException problem;
  int generatedTokens;
  int cachedTokens;
  int events;

  @Override
  public boolean hasRoom() {
    return hasRoom;
  }

  @Override
  public boolean isCancelled() {
    return isCancelled;
  }

  @Override
  public void started(long nowNanos) {
    requireUnfinished();
  }

  @Override
  public void chosen(long tookNanos) {
    requireUnfinished();
  }

  @Override
  public void text(String more, List<GeneratedToken> moreTokens) {
    requireUnfinished();
    text.append(more);
    tokens.addAll(moreTokens);
    events++;
  }

  @Override
  public void finished(FinishReason why, int generated, int cached) {
    requireUnfinished();
    reason = why;
    generatedTokens = generated;
    cachedTokens = cached;
  }

  @Override
  public void failed(ServingException why) {
    requireUnfinished();
    problem = why;
  }

  boolean isOver() {
    return reason != null || problem != null;
  }

  private void requireUnfinished() {
    if (isOver()) {
      throw new AssertionError("a text is over once");
    }
  }
}
