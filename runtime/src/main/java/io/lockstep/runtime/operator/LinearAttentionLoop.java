package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.operator.LinearAttention.Extents;
import io.lockstep.runtime.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Linear attention head by head, each with its state in double precision in the workspace. */
final class LinearAttentionLoop {

  private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE;

  private final LinearAttention operator;
  private final Extents e;
  private final boolean hasPast;
  private final double scale;
  private final ImageSplit split;

  LinearAttentionLoop(LinearAttention operator, Extents extents, boolean hasPast) {
    this.operator = operator;
    this.e = extents;
    this.hasPast = hasPast;
    this.scale = operator.scale() == 0 ? 1 / Math.sqrt(e.keySize()) : operator.scale();
    long bytes = (long) e.keySize() * e.valueSize() * Double.BYTES;
    this.split = new ImageSplit(e.batch() * operator.heads(), _ -> bytes);
  }

  PreparedOperator prepare() {
    return PreparedOperator.withWorkspace(
        split.workspaceBytes(),
        (in, out, run) -> split.run(run, (unit, workspace, _) -> head(in, out, unit, workspace)));
  }

  /** Runs one head of one item over all positions. */
  private void head(Tensor[] in, Tensor[] out, int unit, MemorySegment state) {
    long size = (long) e.keySize() * e.valueSize();
    for (long i = 0; i < size; i++) {
      state.setAtIndex(DOUBLE, i, hasPast ? in[LinearAttention.PAST].asDouble(unit * size + i) : 0);
    }
    int item = unit / operator.heads();
    int head = unit % operator.heads();
    for (int position = 0; position < e.length(); position++) {
      long row = (long) item * e.length() + position;
      if (operator.gated()) {
        decay(in[LinearAttention.DECAY], row, head, state);
      }
      for (int column = 0; column < e.valueSize(); column++) {
        write(in, row, head, column, state);
      }
      int group = operator.queryHeads() / operator.heads();
      for (int query = head * group; query < (head + 1) * group; query++) {
        read(in[0], out[0], row, query, state);
      }
    }
    for (long i = 0; i < size; i++) {
      out[1].setFromDouble(unit * size + i, state.getAtIndex(DOUBLE, i));
    }
  }

  private void decay(Tensor decay, long row, int head, MemorySegment state) {
    for (int key = 0; key < e.keySize(); key++) {
      long at = (row * operator.heads() + head) * e.decaySize() + (e.decaySize() == 1 ? 0 : key);
      double factor = Math.exp(decay.asDouble(at));
      for (int column = 0; column < e.valueSize(); column++) {
        long cell = (long) key * e.valueSize() + column;
        state.setAtIndex(DOUBLE, cell, state.getAtIndex(DOUBLE, cell) * factor);
      }
    }
  }

  /** Adds k v^T to a column of the state, v first being corrected by what the state holds for k. */
  private void write(Tensor[] in, long row, int head, int column, MemorySegment state) {
    long keys = (row * operator.heads() + head) * e.keySize();
    double value = in[2].asDouble((row * operator.heads() + head) * e.valueSize() + column);
    if (operator.delta()) {
      double held = 0;
      for (int key = 0; key < e.keySize(); key++) {
        long cell = (long) key * e.valueSize() + column;
        held += state.getAtIndex(DOUBLE, cell) * in[1].asDouble(keys + key);
      }
      long beta = row * e.betaSize() + (e.betaSize() == 1 ? 0 : head);
      value = in[LinearAttention.BETA].asDouble(beta) * (value - held);
    }
    for (int key = 0; key < e.keySize(); key++) {
      long cell = (long) key * e.valueSize() + column;
      double added = in[1].asDouble(keys + key) * value;
      state.setAtIndex(DOUBLE, cell, state.getAtIndex(DOUBLE, cell) + added);
    }
  }

  private void read(Tensor q, Tensor y, long row, int query, MemorySegment state) {
    long keys = (row * operator.queryHeads() + query) * e.keySize();
    for (int column = 0; column < e.valueSize(); column++) {
      double sum = 0;
      for (int key = 0; key < e.keySize(); key++) {
        sum +=
            q.asDouble(keys + key) * state.getAtIndex(DOUBLE, (long) key * e.valueSize() + column);
      }
      long at = (row * operator.queryHeads() + query) * e.valueSize() + column;
      y.setFromDouble(at, sum * scale);
    }
  }
}
