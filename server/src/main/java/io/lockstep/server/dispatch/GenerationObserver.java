package io.lockstep.server.dispatch;

import io.lockstep.server.generation.Sequence;
import io.lockstep.server.generation.StepObserver;
import io.lockstep.server.metrics.GenerationMeters;
import io.lockstep.server.metrics.VersionMeters;
import java.lang.System.Logger;

/** Measures what a batcher does. */
final class GenerationObserver implements StepObserver {

  private static final Logger LOGGER = System.getLogger(GenerationObserver.class.getName());

  private final String name;
  private final VersionMeters version;
  private final GenerationMeters generation;
  private boolean isFaultLogged;

  GenerationObserver(String name, VersionMeters version, GenerationMeters generation) {
    this.name = name;
    this.version = version;
    this.generation = generation;
  }

  @Override
  public void started(int tokens, int cachedTokens) {
    generation.prefixLookedUp(tokens, cachedTokens);
  }

  @Override
  public void token(Sequence sequence, long nowNanos) {
    if (sequence.generated() == 1) {
      generation.firstToken(nowNanos - sequence.arrivalNanos());
    } else {
      generation.nextToken(nowNanos - sequence.lastTokenNanos());
    }
  }

  @Override
  public void stepped(int tokens, int sequences) {
    generation.stepped(tokens, sequences);
  }

  @Override
  public void preempted() {
    generation.preempted();
  }

  @Override
  public void over(Sequence sequence, String reason, long nowNanos) {
    generation.finished(reason, nowNanos - sequence.arrivalNanos());
    if (reason.equals("cancelled")) {
      version.requestCancelled();
    } else if (reason.equals("expired")) {
      version.requestExpired();
    }
  }

  @Override
  public void failed(RuntimeException problem) {
    version.runFailed();
    if (!isFaultLogged) {
      isFaultLogged = true;
      LOGGER.log(Logger.Level.ERROR, "model " + name + ": a step failed", problem);
    }
  }
}
