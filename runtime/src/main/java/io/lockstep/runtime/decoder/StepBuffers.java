package io.lockstep.runtime.decoder;

import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;

/** The memory of one step, for at most so many rows; all of floats. */
final class StepBuffers implements AutoCloseable {

  final MemorySegment state; // [rows, width]
  final MemorySegment normed; // [rows, width]
  final MemorySegment projected; // [rows, width]
  final MemorySegment queries; // [rows, heads, headSize]
  final MemorySegment keys; // [rows, kvHeads, headSize]
  final MemorySegment values; // [rows, kvHeads, headSize]
  final MemorySegment attended; // [rows, heads, headSize]
  final MemorySegment gate; // [rows, feedForward]
  final MemorySegment up; // [rows, feedForward]
  final MemorySegment logits; // [wantedRows, vocabulary]
  final float[] turns; // [rows, turnSize]
  final float[] windowTurns; // [rows, turnSize], of layers with a window

  private final DecoderConfig config;
  private final int turnSize;
  private final int rows;
  private final int wantedRows;
  private final TensorArena arena = new TensorArena();

  StepBuffers(DecoderConfig config, int turnSize, int rows, int wantedRows) {
    this.config = config;
    this.turnSize = turnSize;
    this.rows = rows;
    this.wantedRows = wantedRows;
    this.state = floats(rows, config.width());
    this.normed = floats(rows, config.width());
    this.projected = floats(rows, config.width());
    this.queries = floats(rows, config.queryWidth());
    this.keys = floats(rows, config.kvWidth());
    this.values = floats(rows, config.kvWidth());
    this.attended = floats(rows, config.queryWidth());
    this.gate = floats(rows, config.feedForward());
    this.up = floats(rows, config.feedForward());
    this.logits = floats(wantedRows, config.vocabulary());
    this.turns = new float[Math.multiplyExact(rows, turnSize)];
    this.windowTurns = new float[turns.length];
  }

  private MemorySegment floats(int count, long each) {
    return arena.allocateBytes(Math.multiplyExact(count * each, (long) Float.BYTES));
  }

  /** These buffers, or larger ones that replace them. */
  StepBuffers fitting(StepBatch batch) {
    if (batch.rows() <= rows && batch.wantedRows() <= wantedRows) {
      return this;
    }
    close();
    return new StepBuffers(
        config, turnSize, Math.max(rows, batch.rows()), Math.max(wantedRows, batch.wantedRows()));
  }

  @Override
  public void close() {
    arena.close();
  }
}
