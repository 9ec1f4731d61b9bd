package io.lockstep.runtime.graph;

import org.jspecify.annotations.Nullable;

/**
 * The items of one run: independent answers computed together. Items shorter than the padded length
 * have a valid prefix; what lies behind it is padding that no statistic may include.
 */
public final class BatchLayout {

  private final int items;
  private final int @Nullable [] lengths;

  private BatchLayout(int items, int @Nullable [] lengths) {
    this.items = items;
    this.lengths = lengths;
  }

  /** Items that all fill the padded length. */
  public static BatchLayout full(int items) {
    return new BatchLayout(items, null);
  }

  /**
   * Items with these valid lengths along the length axis.
   *
   * @param lengths [items], kept, not copied
   */
  public static BatchLayout ofLengths(int[] lengths) {
    return new BatchLayout(lengths.length, lengths);
  }

  public int items() {
    return items;
  }

  /** The valid length of an item, at most {@code padded}. */
  public int length(int item, int padded) {
    return lengths == null ? padded : Math.min(lengths[item], padded);
  }
}
