package io.lockstep.server.generation;

import java.util.ArrayList;
import java.util.List;

/** Counts what happens. */
final class FakeObserver implements StepObserver {

  int preemptions;
  int cachedTokens;
  int tokens;
  int faults;
  final List<String> ends = new ArrayList<>();

  @Override
  public void started(int all, int cached) {
    cachedTokens += cached;
  }

  @Override
  public void token(Sequence sequence, long nowNanos) {
    tokens++;
  }

  @Override
  public void stepped(int stepTokens, int sequences) {}

  @Override
  public void preempted() {
    preemptions++;
  }

  @Override
  public void over(Sequence sequence, String reason, long nowNanos) {
    ends.add(reason);
  }

  @Override
  public void failed(RuntimeException problem) {
    faults++;
  }
}
