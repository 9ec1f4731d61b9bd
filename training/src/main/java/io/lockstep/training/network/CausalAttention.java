package io.lockstep.training.network;

import io.lockstep.runtime.kernel.Gemm.MatmulShape;
import io.lockstep.runtime.kernel.Reduce;
import io.lockstep.training.network.Products.Matrix;
import java.lang.foreign.MemorySegment;

/**
 * Causal attention within sequences of one length, and its gradient. Scores are computed for blocks
 * of rows up to the block's last position, so that little of what the mask hides is computed.
 */
final class CausalAttention {

  private static final int BLOCK = 128;

  private final DecoderShape shape;
  private final int sequences;
  private final int length;
  private final Products products;
  private final Reduce reduce;
  private final Rotary rotary;
  private final float scale;

  /** Gradients of the scores of one group of heads [group, length, length]. */
  private final MemorySegment scoreGradient;

  private final MemorySegment turned; // [headSize, group * length]
  private final MemorySegment columns; // [headSize, length]

  CausalAttention(DecoderShape shape, int sequences, int length, Products products, Reduce reduce) {
    this.shape = shape;
    this.sequences = sequences;
    this.length = length;
    this.products = products;
    this.reduce = reduce;
    this.rotary = new Rotary(length, shape.headSize());
    this.scale = (float) (1 / Math.sqrt(shape.headSize()));
    this.scoreGradient = Floats.zeros((long) shape.group() * length * length);
    this.turned = Floats.zeros((long) shape.headSize() * shape.group() * length);
    this.columns = Floats.zeros((long) shape.headSize() * length);
  }

  /** Floats of the probabilities that a backward pass needs. */
  static long probabilityCount(DecoderShape shape, int sequences, int length) {
    return (long) sequences * shape.heads() * length * length;
  }

  /**
   * Attends from every position to those up to itself.
   *
   * @param qkv float [sequences, length, qkvWidth]; queries and keys are turned in place
   * @param probabilities float [sequences, heads, length, length], zero above the diagonal
   * @param attended float [sequences, length, heads * headSize]
   */
  void forward(MemorySegment qkv, MemorySegment probabilities, MemorySegment attended) {
    int size = shape.headSize();
    for (int row = 0; row < sequences * length; row++) {
      rotary.turn(row % length, turnedHeads(), qkv, (long) row * shape.qkvWidth());
    }
    for (int sequence = 0; sequence < sequences; sequence++) {
      Matrix all = Matrix.of(qkv, shape.qkvWidth()).at((long) sequence * length, 0);
      Matrix results = Matrix.of(attended, shape.queryWidth()).at((long) sequence * length, 0);
      for (int head = 0; head < shape.heads(); head++) {
        int kvHead = head / shape.group();
        Matrix scores = probabilities(probabilities, sequence, head);
        for (int first = 0; first < length; first += BLOCK) {
          int rows = Math.min(BLOCK, length - first);
          int seen = first + rows;
          products.multiply(
              new MatmulShape(rows, size, seen, true),
              scale,
              all.at(first, (long) head * size),
              all.at(0, keyColumn(kvHead)),
              scores.at(first, 0));
          softmax(scores, first, seen);
          products.multiply(
              new MatmulShape(rows, seen, size, false),
              1,
              scores.at(first, 0),
              all.at(0, valueColumn(kvHead)),
              results.at(first, (long) head * size));
        }
      }
    }
  }

  private void softmax(Matrix scores, int first, int seen) {
    for (int row = first; row < seen; row++) {
      long at = scores.at(row, 0).index();
      var extent = new Reduce.Extent(1, row + 1, 1);
      reduce.softmax(extent, scores.array(), at, scores.array(), at);
      Floats.slice(scores.array(), at + row + 1, seen - row - 1).fill((byte) 0);
    }
  }

  /*
   * With p = softmax(s) and o = p v: dv = p' do, dp = do v', and ds = p (dp - rowsum(p dp)), whose
   * row sums are those of do o (Dao et al., 2022, appendix B.4).
   */

  /**
   * From the gradient of what was attended to that of queries, keys and values.
   *
   * @param qkv as {@link #forward} left it
   * @param attendedGradient float [sequences, length, heads * headSize]
   * @param qkvGradient float [sequences, length, qkvWidth], overwritten
   */
  void backward(
      MemorySegment qkv,
      MemorySegment probabilities,
      MemorySegment attended,
      MemorySegment attendedGradient,
      MemorySegment qkvGradient) {
    for (int sequence = 0; sequence < sequences; sequence++) {
      long row = (long) sequence * length;
      Matrix all = Matrix.of(qkv, shape.qkvWidth()).at(row, 0);
      Matrix back = Matrix.of(qkvGradient, shape.qkvWidth()).at(row, 0);
      Matrix results = Matrix.of(attended, shape.queryWidth()).at(row, 0);
      Matrix slopes = Matrix.of(attendedGradient, shape.queryWidth()).at(row, 0);
      for (int kvHead = 0; kvHead < shape.kvHeads(); kvHead++) {
        int firstHead = kvHead * shape.group();
        for (int member = 0; member < shape.group(); member++) {
          int head = firstHead + member;
          Matrix scores = probabilities(probabilities, sequence, head);
          backward(member, kvHead, head, scores, all, results, slopes, back);
        }
        Matrix group = probabilities(probabilities, sequence, firstHead);
        gather(slopes, firstHead, group, back, valueColumn(kvHead));
        gather(all, firstHead, Matrix.of(scoreGradient, length), back, keyColumn(kvHead));
      }
    }
    for (int row = 0; row < sequences * length; row++) {
      rotary.turnBack(row % length, turnedHeads(), qkvGradient, (long) row * shape.qkvWidth());
    }
  }

  /** One head's gradients of scores, already scaled, and of queries. */
  private void backward(
      int member,
      int kvHead,
      int head,
      Matrix scores,
      Matrix all,
      Matrix results,
      Matrix slopes,
      Matrix back) {
    int size = shape.headSize();
    long column = (long) head * size;
    for (int first = 0; first < length; first += BLOCK) {
      int rows = Math.min(BLOCK, length - first);
      int seen = first + rows;
      Matrix block = Matrix.of(scoreGradient, length).at((long) member * length + first, 0);
      products.multiply(
          new MatmulShape(rows, size, seen, true),
          1,
          slopes.at(first, column),
          all.at(0, valueColumn(kvHead)),
          block);
      for (int row = 0; row < rows; row++) {
        float sum = dot(size, slopes.at(first + row, column), results.at(first + row, column));
        long p = scores.at(first + row, 0).index();
        long s = block.at(row, 0).index();
        for (int i = 0; i < seen; i++) {
          float slope = Floats.get(scoreGradient, s + i) - sum;
          Floats.set(scoreGradient, s + i, scale * Floats.get(scores.array(), p + i) * slope);
        }
      }
      products.multiply(
          new MatmulShape(rows, seen, size, false),
          1,
          block,
          all.at(0, keyColumn(kvHead)),
          back.at(first, column));
    }
  }

  private static float dot(int count, Matrix a, Matrix b) {
    float sum = 0;
    for (int i = 0; i < count; i++) {
      sum += Floats.get(a.array(), a.index() + i) * Floats.get(b.array(), b.index() + i);
    }
    return sum;
  }

  /**
   * back[length, headSize] from {@code column} on = weights' x, summed over a group's heads.
   *
   * @param x [length, heads * headSize or more]
   * @param weights [group * length, length], zero above the diagonals
   */
  private void gather(Matrix x, int firstHead, Matrix weights, Matrix back, long column) {
    int size = shape.headSize();
    int stride = shape.group() * length;
    for (int member = 0; member < shape.group(); member++) {
      Matrix head = x.at(0, (long) (firstHead + member) * size);
      Floats.transpose(
          length,
          size,
          head.array(),
          head.index(),
          head.stride(),
          turned,
          (long) member * length,
          stride);
    }
    products.multiply(
        new MatmulShape(size, stride, length, false),
        1,
        Matrix.of(turned, stride),
        weights,
        Matrix.of(columns, length));
    Matrix to = back.at(0, column);
    Floats.transpose(size, length, columns, 0, length, to.array(), to.index(), to.stride());
  }

  private Matrix probabilities(MemorySegment all, int sequence, int head) {
    return Matrix.of(all, length).at(((long) sequence * shape.heads() + head) * length, 0);
  }

  private int turnedHeads() {
    return shape.heads() + shape.kvHeads();
  }

  private long keyColumn(int kvHead) {
    return (long) (shape.heads() + kvHead) * shape.headSize();
  }

  private long valueColumn(int kvHead) {
    return (long) (shape.heads() + shape.kvHeads() + kvHead) * shape.headSize();
  }
}
