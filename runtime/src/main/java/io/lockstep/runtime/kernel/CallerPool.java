package io.lockstep.runtime.kernel;

/** Runs everything on the calling thread. */
final class CallerPool implements ComputePool {

  @Override
  public int threads() {
    return 1;
  }

  @Override
  public void parallelFor(int count, int grain, RangeBody body) {
    if (count > 0) {
      body.run(0, count);
    }
  }
}
