package io.lockstep.runtime.graph;

/** What an axis of a tensor means for batching. */
public enum AxisRole {
  /** One entry for each item of the batch. */
  BATCH,
  /** One entry for each position within an item; padded to the longest of the batch. */
  LENGTH,
  /** Items and positions merged, items outermost: entry {@code item * paddedLength + position}. */
  BATCH_LENGTH,
  /** The same for every item. */
  FIXED,
  /** Follows the length or the batch in another way; such an axis is never padded. */
  VARYING
}
