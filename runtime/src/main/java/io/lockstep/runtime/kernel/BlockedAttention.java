package io.lockstep.runtime.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Attention block by block: all scores of a token, their softmax, then the mix of values. A few
 * neighbouring tokens of one sequence go together, so that keys and values come from the cache once
 * for all of them and for all heads that share them.
 */
public final class BlockedAttention implements Attention {

  /** Queries that go together if there are as many tokens, and tokens that do at most. */
  private static final int QUERIES = 16;

  private static final int MOST_TOKENS = 8;

  /** Blocks that all queries go through before the next: their keys stay in the cache. */
  private static final int CHUNK = 32;

  /** Multiply-adds that are worth another thread. */
  private static final long SPLIT_WORK = 1 << 16;

  private static final int FIRST_FLOATS = 1 << 12;

  private final AttentionBlocks blocks;
  private final Reduce reduce;
  private final Elementwise elementwise;

  private final PerThread<Scratch> scratch = PerThread.withInitial(Scratch::new);

  public BlockedAttention(AttentionBlocks blocks, Reduce reduce, Elementwise elementwise) {
    this.blocks = blocks;
    this.reduce = reduce;
    this.elementwise = elementwise;
  }

  /** What a thread needs for a tile; it only grows. */
  private static final class Scratch {

    private MemorySegment scores = allocate(FIRST_FLOATS);
    private long[] blocks = new long[FIRST_FLOATS / BLOCK];

    private MemorySegment scores(long floats) {
      if (scores.byteSize() < floats * Float.BYTES) {
        scores = allocate(2 * floats);
      }
      return scores;
    }

    private long[] blocks(int count) {
      if (blocks.length < count) {
        blocks = new long[2 * count];
      }
      return blocks;
    }

    private static MemorySegment allocate(long floats) {
      return Arena.ofAuto().allocate(floats * Float.BYTES, 64);
    }
  }

  @Override
  public void attend(
      Heads heads,
      Rows rows,
      Cache cache,
      MemorySegment queries,
      MemorySegment results,
      ComputePool pool) {
    int count = rows.rows();
    int tokens = Math.clamp(QUERIES * heads.kvHeads() / heads.heads(), 1, MOST_TOKENS);
    int[] tiles = new int[count + 1]; // the first row of each tile, and the end
    int tileCount = 0;
    long work = 0;
    for (int row = 0; row < count; row++) {
      int first = tileCount == 0 ? 0 : tiles[tileCount - 1];
      if (row == 0 || row - first == tokens || !rows.isSameSequence(first, row)) {
        tiles[tileCount++] = row;
      }
      work += (long) (rows.position(row) + 1) * heads.size() * heads.heads() * 2;
    }
    tiles[tileCount] = count;
    int units = tileCount * heads.kvHeads();
    long unitWork = Math.max(1, work / Math.max(1, units));
    pool.parallelFor(
        units,
        Math.clamp(SPLIT_WORK / unitWork, 1, Math.max(1, units)),
        (from, to) -> {
          for (int unit = from; unit < to; unit++) {
            int tile = unit / heads.kvHeads();
            Tile rowsOfTile = new Tile(rows, heads, tiles[tile], tiles[tile + 1]);
            attend(rowsOfTile, unit % heads.kvHeads(), cache, queries, results);
          }
        });
  }

  /** Some rows of one sequence, in the order of their positions. */
  private record Tile(Rows rows, Heads heads, int from, int to) {

    int group() {
      return heads.heads() / heads.kvHeads();
    }

    int firstBlock() {
      return heads.first(rows.position(from)) / BLOCK;
    }

    int lastBlock() {
      return rows.position(to - 1) / BLOCK;
    }

    /** Floats of the scores of one query: all slots of the blocks that any row sees. */
    int scoresStride() {
      return (lastBlock() - firstBlock() + 1) * BLOCK;
    }

    /** Where the scores of a row's queries start. */
    long scoresAt(int row) {
      return (long) (row - from) * group() * scoresStride();
    }

    /** Where the queries, and the results, of a row that share a key head start. */
    long queriesAt(int row, int kvHead) {
      return ((long) row * heads.heads() + (long) kvHead * group()) * heads.size();
    }

    /** Where the keys and the values of a block start. */
    long blockAt(Cache cache, int index, int kvHead) {
      return cache.from()
          + ((long) rows.block(from, index) * heads.kvHeads() + kvHead) * BLOCK * heads.size();
    }

    int blockCount() {
      return lastBlock() - firstBlock() + 1;
    }

    /**
     * Rows whose queries one call takes: all when each has one, because they are as far apart as
     * rows are, or else one row, whose queries stand side by side.
     */
    int span() {
      return group() == 1 ? to - from : 1;
    }

    /** The queries, or the results, of a span of rows that share a key head. */
    AttentionBlocks.Rows ofSpan(MemorySegment memory, int row, int kvHead) {
      int apart = group() == 1 ? heads.heads() * heads.size() : heads.size();
      return new AttentionBlocks.Rows(memory, queriesAt(row, kvHead), span() * group(), apart);
    }

    /** The scores of a span from a slot on. */
    AttentionBlocks.Rows scores(MemorySegment memory, int row, int slot) {
      return new AttentionBlocks.Rows(
          memory, scoresAt(row) + slot, span() * group(), scoresStride());
    }
  }

  private void attend(
      Tile tile, int kvHead, Cache cache, MemorySegment queries, MemorySegment results) {
    Scratch own = scratch.get();
    int size = tile.heads.size();
    int count = tile.blockCount();
    long[] at = own.blocks(count);
    for (int i = 0; i < count; i++) {
      at[i] = tile.blockAt(cache, tile.firstBlock() + i, kvHead);
    }
    AttentionBlocks.Blocks all = new AttentionBlocks.Blocks(at, count);
    MemorySegment scores =
        own.scores((long) (tile.to - tile.from) * tile.group() * tile.scoresStride());
    for (int block = 0; block < count; block += CHUNK) {
      int end = Math.min(count, block + CHUNK);
      for (int row = tile.from; row < tile.to; row += tile.span()) {
        blocks.score(
            size,
            tile.heads.scale(),
            tile.ofSpan(queries, row, kvHead),
            cache.keys(),
            all,
            block,
            end,
            tile.scores(scores, row, block * BLOCK));
      }
    }
    for (int row = tile.from; row < tile.to; row++) {
      weigh(tile, row, scores);
      long start = tile.queriesAt(row, kvHead) * Float.BYTES;
      results.asSlice(start, (long) tile.group() * size * Float.BYTES).fill((byte) 0);
    }
    new Mix(blocks, tile, kvHead, scores, cache.values(), all, results).run();
  }

  /** The mix of values for the rows of a tile, by positions in ascending order. */
  private record Mix(
      AttentionBlocks kernel,
      Tile tile,
      int kvHead,
      MemorySegment weights,
      MemorySegment values,
      AttentionBlocks.Blocks blocks,
      MemorySegment results) {

    /** What all rows of a span see, they mix together, and alone what only some see. */
    void run() {
      int span = tile.span();
      for (int row = tile.from; row < tile.to; row++) {
        int last = tile.rows.position(row);
        mix(row, 1, tile.heads.first(last), Math.min(commonFirst(row), last + 1));
      }
      for (int block = 0; block < blocks.count(); block += CHUNK) {
        int start = (tile.firstBlock() + block) * BLOCK;
        for (int row = tile.from; row < tile.to; row += span) {
          int end = Math.min(tile.rows.position(row) + 1, start + CHUNK * BLOCK);
          mix(row, span, Math.max(commonFirst(row), start), end);
        }
      }
      for (int row = tile.from; row < tile.to; row++) {
        int first = Math.max(commonFirst(row), commonEnd(row));
        mix(row, 1, first, tile.rows.position(row) + 1);
      }
    }

    /** The first position that all rows of a row's span see. */
    private int commonFirst(int row) {
      return tile.heads.first(tile.rows.position(tile.span() == 1 ? row : tile.to - 1));
    }

    /** The position behind the last one that all see. */
    private int commonEnd(int row) {
      return tile.rows.position(tile.span() == 1 ? row : tile.from) + 1;
    }

    /** Some rows mix the positions from {@code first} to {@code end}, if there are any. */
    private void mix(int row, int rowCount, int first, int end) {
      for (int position = first; position < end; ) {
        int slot = position % BLOCK;
        boolean isWhole = slot == 0 && end - position >= BLOCK;
        int slots = isWhole ? BLOCK : Math.min(BLOCK - slot, end - position);
        int count = isWhole ? (end - position) / BLOCK : 1;
        mixBlocks(row, rowCount, position, slots, count);
        position += slots * count;
      }
    }

    private void mixBlocks(int row, int rowCount, int position, int slots, int count) {
      int block = position / BLOCK - tile.firstBlock();
      AttentionBlocks.Rows of = tile.scores(weights, row, position - tile.firstBlock() * BLOCK);
      AttentionBlocks.Rows to = tile.ofSpan(results, row, kvHead);
      int queries = rowCount * tile.group();
      kernel.mix(
          tile.heads.size(),
          position % BLOCK,
          slots,
          new AttentionBlocks.Rows(weights, of.at(), queries, of.stride()),
          values,
          blocks,
          block,
          block + count,
          new AttentionBlocks.Rows(results, to.at(), queries, to.stride()));
    }
  }

  /** Scores of a row's queries become weights. */
  private void weigh(Tile tile, int row, MemorySegment scores) {
    int position = tile.rows.position(row);
    int first = tile.heads.first(position);
    int length = position + 1 - first;
    float cap = tile.heads.softCap();
    for (int query = 0; query < tile.group(); query++) {
      long at =
          tile.scoresAt(row)
              + (long) query * tile.scoresStride()
              + (first - tile.firstBlock() * BLOCK);
      if (cap != 0) {
        BinaryFunction times = BinaryFunction.MUL;
        elementwise.binaryScalarRight(times, scores, at, 1 / cap, scores, at, length);
        elementwise.unary(Activation.of(UnaryFunction.TANH), scores, at, scores, at, length);
        elementwise.binaryScalarRight(times, scores, at, cap, scores, at, length);
      }
      reduce.softmax(new Reduce.Extent(1, length, 1), scores, at, scores, at);
    }
  }
}
