package io.lockstep.runtime.decoder;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.Attention;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.BlockMatrix;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.kernel.UnaryFunction;
import io.lockstep.runtime.quant.BlockDecoder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * One decoder at work: its cache, whose memory is taken at once, and its buffers, which grow to the
 * largest step. Used by one thread. A sequence's logits are bitwise the same whatever other
 * sequences are in the batch and however its prompt was cut into pieces.
 */
public final class DecoderSession implements AutoCloseable {

  private final DecoderConfig config;
  private final DecoderWeights weights;
  private final KernelSet kernels;
  private final ComputePool pool;
  private final BlockAllocator blocks;
  private final KvCache cache;
  private final Attention.Heads heads;
  private final Rope rope;
  private final float[] embedding; // [width]
  private StepBuffers buffers;

  public DecoderSession(
      DecoderConfig config,
      DecoderWeights weights,
      KernelSet kernels,
      ComputePool pool,
      int cacheBlocks) {
    this.config = config;
    this.weights = weights;
    this.kernels = kernels;
    this.pool = pool;
    this.blocks = new BlockAllocator(cacheBlocks);
    this.cache = new KvCache(config, cacheBlocks);
    this.heads =
        new Attention.Heads(
            config.heads(),
            config.kvHeads(),
            config.headSize(),
            (float) (1 / Math.sqrt(config.headSize())),
            0,
            0);
    this.rope = new Rope(config.rope(), weights.ropeFactors());
    this.embedding = new float[config.width()];
    this.buffers = new StepBuffers(config, rope.turnSize(), 1, 1);
  }

  /** Who holds which block of this session's cache. */
  public BlockAllocator blocks() {
    return blocks;
  }

  /** Bytes of a cache of this many blocks. */
  public static long cacheBytes(DecoderConfig config, int blocks) {
    return KvCache.bytes(config, blocks);
  }

  /** Bytes of the cache. */
  public long cacheBytes() {
    return KvCache.bytes(config, blocks.capacity());
  }

  /**
   * Computes a step and keeps its keys and values.
   *
   * @return float [batch.wantedRows, vocabulary], valid until the next call
   */
  public MemorySegment forward(StepBatch batch) {
    check(batch);
    buffers = buffers.fitting(batch);
    StepBuffers b = buffers;
    int rows = batch.rows();
    embed(batch);
    for (int layer = 0; layer < config.layers(); layer++) {
      DecoderWeights.Layer w = weights.layers().get(layer);
      norm(rows, config.width(), w.attentionNorm(), b.state, b.normed); // [rows, width]
      attention(batch, layer, w); // b.normed -> b.projected [rows, width]
      add(b.state, b.projected, (long) rows * config.width()); // [rows, width]
      norm(rows, config.width(), w.feedForwardNorm(), b.state, b.normed); // [rows, width]
      feedForward(rows, w); // b.normed -> b.projected [rows, width]
      add(b.state, b.projected, (long) rows * config.width()); // [rows, width]
    }
    return logits(batch); // [wantedRows, vocabulary]
  }

  private void check(StepBatch batch) {
    for (int row = 0; row < batch.rows(); row++) {
      int token = batch.token(row);
      if (token < 0 || token >= config.vocabulary()) {
        throw new InvalidInputException(
            "token " + token + " is none of the model's " + config.vocabulary());
      }
    }
  }

  /** state[row] = embedding[token], and the turns of the rows' positions. */
  private void embed(StepBatch batch) {
    BlockMatrix table = weights.embedding();
    for (int row = 0; row < batch.rows(); row++) {
      long at = batch.token(row) * table.rowBytes();
      BlockDecoder.decode(table.format(), table.data(), at, table.k(), embedding, 0);
      MemorySegment.copy(
          embedding,
          0,
          buffers.state,
          ValueLayout.JAVA_FLOAT,
          (long) row * table.k() * Float.BYTES,
          table.k());
      rope.turns(batch.position(row), buffers.turns, row * rope.turnSize());
    }
  }

  private void attention(StepBatch batch, int layer, DecoderWeights.Layer w) {
    StepBuffers b = buffers;
    int rows = batch.rows();
    product(rows, b.normed, w.query(), w.queryBias(), b.queries); // [rows, heads * headSize]
    product(rows, b.normed, w.key(), w.keyBias(), b.keys); // [rows, kvHeads * headSize]
    product(rows, b.normed, w.value(), w.valueBias(), b.values); // [rows, kvHeads * headSize]
    if (w.queryNorm() != null) {
      norm(rows * config.heads(), config.headSize(), w.queryNorm(), b.queries, b.queries);
    }
    if (w.keyNorm() != null) {
      norm(rows * config.kvHeads(), config.headSize(), w.keyNorm(), b.keys, b.keys);
    }
    for (int row = 0; row < rows; row++) {
      turn(row, config.heads(), b.queries);
      turn(row, config.kvHeads(), b.keys);
      int position = batch.position(row);
      int block = batch.block(row, position / BlockAllocator.SIZE);
      long from = (long) row * config.kvWidth();
      cache.put(layer, block, position % BlockAllocator.SIZE, b.keys, b.values, from);
    }
    kernels.attention().attend(heads, batch, cache.layer(layer), b.queries, b.attended, pool);
    product(rows, b.attended, w.attentionOutput(), null, b.projected); // [rows, width]
  }

  /** down(silu(gate x) * up x). */
  private void feedForward(int rows, DecoderWeights.Layer w) {
    StepBuffers b = buffers;
    long count = (long) rows * config.feedForward();
    product(rows, b.normed, w.gate(), null, b.gate); // [rows, feedForward]
    product(rows, b.normed, w.up(), null, b.up); // [rows, feedForward]
    Activation silu = new Activation(UnaryFunction.SWISH, 1, 0);
    kernels.elementwise().unary(silu, b.gate, 0, b.gate, 0, count);
    kernels.elementwise().binary(BinaryFunction.MUL, b.gate, 0, b.up, 0, b.gate, 0, count);
    product(rows, b.gate, w.down(), null, b.projected); // [rows, width]
  }

  private MemorySegment logits(StepBatch batch) {
    StepBuffers b = buffers;
    long bytes = (long) config.width() * Float.BYTES;
    for (int i = 0; i < batch.wantedRows(); i++) {
      MemorySegment.copy(b.state, batch.wantedRow(i) * bytes, b.projected, i * bytes, bytes);
    }
    norm(batch.wantedRows(), config.width(), weights.outputNorm(), b.projected, b.normed);
    product(batch.wantedRows(), b.normed, weights.output(), null, b.logits);
    return b.logits.asSlice(0, (long) batch.wantedRows() * config.vocabulary() * Float.BYTES);
  }

  private void turn(int row, int heads, MemorySegment x) {
    for (int head = 0; head < heads; head++) {
      long at = ((long) row * heads + head) * config.headSize();
      rope.turn(x, at, buffers.turns, row * rope.turnSize());
    }
  }

  private void norm(int rows, int length, MemorySegment gamma, MemorySegment x, MemorySegment y) {
    kernels.reduce().rmsNorm(rows, length, config.normEpsilon(), gamma, x, 0, y, 0);
  }

  /** y[rows, w.n] = x[rows, w.k] w + bias. */
  private void product(
      int rows, MemorySegment x, BlockMatrix w, @Nullable MemorySegment bias, MemorySegment y) {
    kernels.blockGemm().gemm(rows, x, 0, w.k(), w, y, 0, w.n(), pool);
    if (bias != null) {
      for (int row = 0; row < rows; row++) {
        long at = (long) row * w.n();
        kernels.elementwise().binary(BinaryFunction.ADD, y, at, bias, 0, y, at, w.n());
      }
    }
  }

  private void add(MemorySegment x, MemorySegment y, long count) {
    kernels.elementwise().binary(BinaryFunction.ADD, x, 0, y, 0, x, 0, count);
  }

  @Override
  public void close() {
    buffers.close();
    cache.close();
  }
}
