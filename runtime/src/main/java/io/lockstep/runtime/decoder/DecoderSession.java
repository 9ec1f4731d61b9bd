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
  private final Attention.Heads wideHeads;
  private final Attention.Heads windowHeads;
  private final RowSteps steps;
  private final Rope rope;
  private final Rope windowRope;
  private final float[] embedding; // [width]
  private final DecoderWeights.Product output; // [vocabulary, width]
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
    this.wideHeads = heads(config, 0);
    this.windowHeads = heads(config, config.style().window());
    this.steps = new RowSteps(config, kernels, pool);
    this.rope = new Rope(config.rope(), weights.ropeFactors());
    this.windowRope = new Rope(config.style().windowRope(), weights.ropeFactors());
    this.embedding = new float[config.width()];
    this.output = new DecoderWeights.Product(weights.output(), null);
    this.buffers = new StepBuffers(config, turnSize(), 1, 1);
  }

  private static Attention.Heads heads(DecoderConfig config, int window) {
    return new Attention.Heads(
        config.heads(),
        config.kvHeads(),
        config.headSize(),
        config.style().attentionScale(),
        window,
        config.style().scoreCap());
  }

  private int turnSize() {
    return Math.max(rope.turnSize(), windowRope.turnSize());
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
      steps.norm(rows, w.attentionNorm(), b.state, b.normed); // [rows, width]
      attention(batch, layer, w); // b.normed -> b.projected [rows, width]
      steps.addNormed(rows, w.attentionPostNorm(), b.state, b.projected); // [rows, width]
      steps.norm(rows, w.feedForwardNorm(), b.state, b.normed); // [rows, width]
      feedForward(rows, w); // b.normed -> b.projected [rows, width]
      steps.addNormed(rows, w.feedForwardPostNorm(), b.state, b.projected); // [rows, width]
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

  /** state[row] = scale embedding[token] + positions[position], and the turns of positions. */
  private void embed(StepBatch batch) {
    BlockMatrix positions = weights.positions();
    long width = config.width();
    for (int row = 0; row < batch.rows(); row++) {
      long at = row * width;
      lookUp(weights.embedding(), batch.token(row), buffers.state, at);
      if (positions != null) {
        lookUp(positions, batch.position(row), buffers.projected, at);
      }
      rope.turns(batch.position(row), buffers.turns, row * turnSize());
      windowRope.turns(batch.position(row), buffers.windowTurns, row * turnSize());
    }
    long count = batch.rows() * width;
    float scale = config.style().embeddingScale();
    if (scale != 1) {
      scale(buffers.state, scale, count);
    }
    if (positions != null) {
      add(buffers.state, buffers.projected, count);
    }
  }

  /** x[at ...] = table[row], float [width]. */
  private void lookUp(BlockMatrix table, int row, MemorySegment x, long at) {
    long from = row * table.rowBytes();
    BlockDecoder.decode(table.format(), table.data(), from, table.k(), embedding, 0);
    long to = at * Float.BYTES;
    MemorySegment.copy(embedding, 0, x, ValueLayout.JAVA_FLOAT, to, table.k());
  }

  private void attention(StepBatch batch, int layer, DecoderWeights.Layer w) {
    StepBuffers b = buffers;
    int rows = batch.rows();
    boolean isWindowed = config.style().isWindowed(layer);
    product(rows, b.normed, w.query(), b.queries); // [rows, heads * headSize]
    product(rows, b.normed, w.key(), b.keys); // [rows, kvHeads * headSize]
    product(rows, b.normed, w.value(), b.values); // [rows, kvHeads * headSize]
    steps.run(
        rows,
        config.queryWidth() + config.kvWidth(),
        (from, to) -> {
          steps.normHeads(from, to, config.heads(), w.queryNorm(), b.queries);
          steps.normHeads(from, to, config.kvHeads(), w.keyNorm(), b.keys);
          for (int row = from; row < to; row++) {
            turn(isWindowed, row, config.heads(), b.queries);
            turn(isWindowed, row, config.kvHeads(), b.keys);
            int position = batch.position(row);
            int block = batch.block(row, position / BlockAllocator.SIZE);
            int slot = position % BlockAllocator.SIZE;
            cache.put(layer, block, slot, b.keys, b.values, (long) row * config.kvWidth());
          }
        });
    Attention.Heads heads = isWindowed ? windowHeads : wideHeads;
    kernels.attention().attend(heads, batch, cache.layer(layer), b.queries, b.attended, pool);
    product(rows, b.attended, w.attentionOutput(), b.projected); // [rows, width]
  }

  /** down(activation(gate x) * up x), or down(activation(up x)) without a gate. */
  private void feedForward(int rows, DecoderWeights.Layer w) {
    StepBuffers b = buffers;
    DecoderWeights.Product gate = w.gate();
    product(rows, b.normed, w.up(), b.up); // [rows, feedForward]
    if (gate != null) {
      product(rows, b.normed, gate, b.gate); // [rows, feedForward]
    }
    steps.activate(rows, gate == null ? null : b.gate, b.up);
    product(rows, b.up, w.down(), b.projected); // [rows, width]
  }

  private MemorySegment logits(StepBatch batch) {
    StepBuffers b = buffers;
    long bytes = (long) config.width() * Float.BYTES;
    for (int i = 0; i < batch.wantedRows(); i++) {
      MemorySegment.copy(b.state, batch.wantedRow(i) * bytes, b.projected, i * bytes, bytes);
    }
    steps.norm(batch.wantedRows(), weights.outputNorm(), b.projected, b.normed);
    product(batch.wantedRows(), b.normed, output, b.logits);
    long count = (long) batch.wantedRows() * config.vocabulary();
    float cap = config.style().logitCap();
    if (cap != 0) {
      scale(b.logits, 1 / cap, count);
      Activation tanh = Activation.of(UnaryFunction.TANH);
      kernels.elementwise().unary(tanh, b.logits, 0, b.logits, 0, count);
      scale(b.logits, cap, count);
    }
    return b.logits.asSlice(0, count * Float.BYTES);
  }

  private void turn(boolean isWindowed, int row, int heads, MemorySegment x) {
    Rope turning = isWindowed ? windowRope : rope;
    float[] turns = isWindowed ? buffers.windowTurns : buffers.turns;
    for (int head = 0; head < heads; head++) {
      long at = ((long) row * heads + head) * config.headSize();
      turning.turn(x, at, turns, row * turnSize());
    }
  }

  /** y[rows, outputs] = x[rows, inputs] w + bias. */
  private void product(int rows, MemorySegment x, DecoderWeights.Product w, MemorySegment y) {
    BlockMatrix matrix = w.matrix();
    MemorySegment bias = w.bias();
    kernels.blockGemm().gemm(rows, x, 0, matrix.k(), matrix, y, 0, matrix.n(), pool);
    if (bias != null) {
      for (int row = 0; row < rows; row++) {
        long at = (long) row * matrix.n();
        kernels.elementwise().binary(BinaryFunction.ADD, y, at, bias, 0, y, at, matrix.n());
      }
    }
  }

  private void scale(MemorySegment x, float factor, long count) {
    kernels.elementwise().binaryScalarRight(BinaryFunction.MUL, x, 0, factor, x, 0, count);
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
