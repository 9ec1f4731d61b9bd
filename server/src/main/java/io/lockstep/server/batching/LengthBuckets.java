package io.lockstep.server.batching;

import java.util.List;

/**
 * The lengths that rows of different lengths are padded to. Few lengths mean few plans and full
 * batches; close ones mean little padding.
 */
public final class LengthBuckets {
  /*
   * The usual ladder is 16, 24, 32, 48, 64, 96, 128, …: the powers of two and the numbers halfway
   * between. A step is at most a half of the one before it, so that from 16 on less than a third of
   * a padded row is padding, and two buckets for each doubling keep a model of 512 positions at
   * eleven lengths.
   */

  private static final int SHORTEST = 16;

  private final List<Integer> boundaries; // ascending; empty for the usual ladder
  private final int maxLength;

  private LengthBuckets(List<Integer> boundaries, int maxLength) {
    this.boundaries = List.copyOf(boundaries);
    this.maxLength = maxLength;
  }

  /**
   * Buckets.
   *
   * @param boundaries ascending; empty for the usual ladder
   * @param maxLength the most the model takes: nothing shorter is padded beyond it
   */
  public static LengthBuckets of(List<Integer> boundaries, int maxLength) {
    return new LengthBuckets(boundaries, maxLength);
  }

  /** What a row of this length is padded to; itself when it lies beyond all buckets. */
  public int boundary(int length) {
    if (length < 1 || length >= maxLength) {
      return length;
    }
    return Math.min(maxLength, boundaries.isEmpty() ? onLadder(length) : listed(length));
  }

  private static int onLadder(int length) {
    if (length <= SHORTEST) {
      return SHORTEST;
    }
    int below = Integer.highestOneBit(length - 1); // below < length <= 2 * below
    int between = below + below / 2;
    return length <= between ? between : Math.max(length, 2 * below);
  }

  private int listed(int length) {
    for (int boundary : boundaries) {
      if (length <= boundary) {
        return boundary;
      }
    }
    return length;
  }
}
