package io.lockstep.runtime.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Attention block by block: all scores of a token, their softmax, then the mix of values. A few
 * neighbouring tokens of one sequence go through the blocks together, so that keys and values come
 * from the cache once for all of them and for all heads that share them.
 */
public final class BlockedAttention implements Attention {

  /** Tokens that go together. */
  private static final int TILE = 4;

  /** Multiply-adds that are worth another thread. */
  private static final long SPLIT_WORK = 1 << 16;

  private static final int FIRST_FLOATS = 1 << 12;

  private final AttentionBlock block;
  private final Reduce reduce;
  private final Elementwise elementwise;

  /** Scores of each thread; they only grow. */
  private final ThreadLocal<MemorySegment> scores =
      ThreadLocal.withInitial(() -> allocate(FIRST_FLOATS));

  public BlockedAttention(AttentionBlock block, Reduce reduce, Elementwise elementwise) {
    this.block = block;
    this.reduce = reduce;
    this.elementwise = elementwise;
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
    int[] tiles = new int[count + 1]; // the first row of each tile, and the end
    int tileCount = 0;
    long work = 0;
    for (int row = 0; row < count; row++) {
      int first = tileCount == 0 ? 0 : tiles[tileCount - 1];
      if (row == 0 || row - first == TILE || !rows.isSameSequence(first, row)) {
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

    boolean sees(int row, int index) {
      int position = rows.position(row);
      return index <= position / BLOCK && index >= heads.first(position) / BLOCK;
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

    /** The same of the block behind it, or of the first one for the other half of the work. */
    long nextAt(Cache cache, int index, int kvHead) {
      return blockAt(cache, index == lastBlock() ? firstBlock() : index + 1, kvHead);
    }
  }

  private void attend(
      Tile tile, int kvHead, Cache cache, MemorySegment queries, MemorySegment results) {
    int size = tile.heads.size();
    int group = tile.group();
    int stride = tile.scoresStride();
    MemorySegment weights = scores((long) (tile.to - tile.from) * group * stride);
    for (int index = tile.firstBlock(); index <= tile.lastBlock(); index++) {
      long keysAt = tile.blockAt(cache, index, kvHead);
      long slot = (long) (index - tile.firstBlock()) * BLOCK;
      for (int row = tile.from; row < tile.to; row++) {
        if (tile.sees(row, index)) {
          block.score(
              group,
              size,
              tile.heads.scale(),
              queries,
              tile.queriesAt(row, kvHead),
              cache.keys(),
              keysAt,
              tile.nextAt(cache, index, kvHead),
              weights,
              tile.scoresAt(row) + slot,
              stride);
        }
      }
    }
    for (int row = tile.from; row < tile.to; row++) {
      weigh(tile, row, weights);
      long at = tile.queriesAt(row, kvHead) * Float.BYTES;
      results.asSlice(at, (long) group * size * Float.BYTES).fill((byte) 0);
    }
    for (int index = tile.firstBlock(); index <= tile.lastBlock(); index++) {
      long valuesAt = tile.blockAt(cache, index, kvHead);
      for (int row = tile.from; row < tile.to; row++) {
        if (tile.sees(row, index)) {
          int position = tile.rows.position(row);
          int first = Math.max(0, tile.heads.first(position) - index * BLOCK);
          int end = Math.min(BLOCK, position + 1 - index * BLOCK);
          long slot = (long) (index - tile.firstBlock()) * BLOCK + first;
          block.mix(
              group,
              size,
              end - first,
              weights,
              tile.scoresAt(row) + slot,
              stride,
              cache.values(),
              valuesAt + (long) first * size,
              tile.nextAt(cache, index, kvHead) + (long) first * size,
              results,
              tile.queriesAt(row, kvHead));
        }
      }
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

  private MemorySegment scores(long floats) {
    if (scores.get().byteSize() < floats * Float.BYTES) {
      scores.set(allocate(2 * floats));
    }
    return scores.get();
  }

  private static MemorySegment allocate(long floats) {
    return Arena.ofAuto().allocate(floats * Float.BYTES, 64);
  }
}
