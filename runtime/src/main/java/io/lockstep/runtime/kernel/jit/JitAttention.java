package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.Attention;
import io.lockstep.runtime.kernel.ComputePool;
import java.lang.foreign.MemorySegment;

/** Attention by emitted code where heads are whole vectors, as in all models of some size. */
final class JitAttention implements Attention {

  private final int lanes;
  private final Attention emitted;
  private final Others others;

  JitAttention(Isa isa, Attention emitted, Others others) {
    this.lanes = isa.lanes();
    this.emitted = emitted;
    this.others = others;
  }

  @Override
  public void attend(
      Heads heads,
      Rows rows,
      Cache cache,
      MemorySegment queries,
      MemorySegment results,
      ComputePool pool) {
    Attention attention = heads.size() % lanes == 0 ? emitted : others.kernels().attention();
    attention.attend(heads, rows, cache, queries, results, pool);
  }
}
