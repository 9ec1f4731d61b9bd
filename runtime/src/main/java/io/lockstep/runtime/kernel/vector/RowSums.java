package io.lockstep.runtime.kernel.vector;

import static io.lockstep.runtime.kernel.vector.Lanes.BYTES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Sums along contiguous rows of float [count] from a byte offset. Element i goes to partial sum
 * {@code i % 16}, held in one, two or four vectors; the partial sums are then added as a balanced
 * tree: i and i + half, for halves 8, 4, 2, 1.
 */
final class RowSums {

  /*
   * No method here takes or returns a vector, see VectorMath; each sum has a loop of its own for
   * the same reason. What does not fill sixteen lanes is added to the partial sums one by one.
   */

  /** Partial sums that a sum is made of. */
  static final int PARTS = 16;

  /** Vectors that hold the partial sums. */
  private static final int VECTORS = Math.max(1, PARTS / Lanes.COUNT);

  private RowSums() {}

  static float sum(MemorySegment x, long start, int count) {
    FloatVector s0 = Lanes.all(0);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int whole = count - count % PARTS;
    for (int i = 0; i < whole; i += PARTS) {
      long at = start + (long) i * Float.BYTES;
      s0 = s0.add(Lanes.load(x, at));
      if (VECTORS >= 2) {
        s1 = s1.add(Lanes.load(x, at + BYTES));
      }
      if (VECTORS >= 4) {
        s2 = s2.add(Lanes.load(x, at + 2 * BYTES));
        s3 = s3.add(Lanes.load(x, at + 3 * BYTES));
      }
    }
    MemorySegment parts = ThreadScratch.get();
    Lanes.store(s0, parts, 0);
    if (VECTORS >= 2) {
      Lanes.store(s1, parts, BYTES);
    }
    if (VECTORS >= 4) {
      Lanes.store(s2, parts, 2 * BYTES);
      Lanes.store(s3, parts, 3 * BYTES);
    }
    for (int i = whole; i < count; i++) {
      addPart(parts, i - whole, x.get(Lanes.FLOAT, start + (long) i * Float.BYTES));
    }
    return combine(parts);
  }

  static float sumOfMagnitudes(MemorySegment x, long start, int count) {
    FloatVector s0 = Lanes.all(0);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int whole = count - count % PARTS;
    for (int i = 0; i < whole; i += PARTS) {
      long at = start + (long) i * Float.BYTES;
      s0 = s0.add(Lanes.load(x, at).abs());
      if (VECTORS >= 2) {
        s1 = s1.add(Lanes.load(x, at + BYTES).abs());
      }
      if (VECTORS >= 4) {
        s2 = s2.add(Lanes.load(x, at + 2 * BYTES).abs());
        s3 = s3.add(Lanes.load(x, at + 3 * BYTES).abs());
      }
    }
    MemorySegment parts = ThreadScratch.get();
    Lanes.store(s0, parts, 0);
    if (VECTORS >= 2) {
      Lanes.store(s1, parts, BYTES);
    }
    if (VECTORS >= 4) {
      Lanes.store(s2, parts, 2 * BYTES);
      Lanes.store(s3, parts, 3 * BYTES);
    }
    for (int i = whole; i < count; i++) {
      addPart(parts, i - whole, Math.abs(x.get(Lanes.FLOAT, start + (long) i * Float.BYTES)));
    }
    return combine(parts);
  }

  /** The sum of (x - centre)^2. */
  static float sumOfSquares(MemorySegment x, long start, float centre, int count) {
    FloatVector s0 = Lanes.all(0);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int whole = count - count % PARTS;
    for (int i = 0; i < whole; i += PARTS) {
      long at = start + (long) i * Float.BYTES;
      FloatVector d0 = Lanes.load(x, at).sub(centre);
      s0 = s0.add(d0.mul(d0));
      if (VECTORS >= 2) {
        FloatVector d1 = Lanes.load(x, at + BYTES).sub(centre);
        s1 = s1.add(d1.mul(d1));
      }
      if (VECTORS >= 4) {
        FloatVector d2 = Lanes.load(x, at + 2 * BYTES).sub(centre);
        s2 = s2.add(d2.mul(d2));
        FloatVector d3 = Lanes.load(x, at + 3 * BYTES).sub(centre);
        s3 = s3.add(d3.mul(d3));
      }
    }
    MemorySegment parts = ThreadScratch.get();
    Lanes.store(s0, parts, 0);
    if (VECTORS >= 2) {
      Lanes.store(s1, parts, BYTES);
    }
    if (VECTORS >= 4) {
      Lanes.store(s2, parts, 2 * BYTES);
      Lanes.store(s3, parts, 3 * BYTES);
    }
    for (int i = whole; i < count; i++) {
      float difference = x.get(Lanes.FLOAT, start + (long) i * Float.BYTES) - centre;
      addPart(parts, i - whole, difference * difference);
    }
    return combine(parts);
  }

  private static void addPart(MemorySegment parts, int part, float value) {
    long at = (long) part * Float.BYTES;
    parts.set(Lanes.FLOAT, at, parts.get(Lanes.FLOAT, at) + value);
  }

  /** The sum of sixteen partial sums, which are used up. */
  private static float combine(MemorySegment parts) {
    for (int half = PARTS / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        addPart(parts, i, parts.get(Lanes.FLOAT, (long) (i + half) * Float.BYTES));
      }
    }
    return parts.get(Lanes.FLOAT, 0);
  }
}
