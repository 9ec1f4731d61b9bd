package io.lockstep.runtime.importer;

/** What a tensor is for in a decoder; matrices are [outputs, inputs]. */
public enum TensorRole {
  EMBEDDING,
  POSITIONS,
  OUTPUT_NORM,
  OUTPUT,
  /** Divisors of the angles of rotary positions. */
  ROPE_FACTORS,
  ATTENTION_NORM,
  QUERY,
  KEY,
  VALUE,
  /** Queries, keys and values in one matrix, in this order. */
  QUERY_KEY_VALUE,
  QUERY_NORM,
  KEY_NORM,
  ATTENTION_OUTPUT,
  ATTENTION_POST_NORM,
  FEED_FORWARD_NORM,
  GATE,
  UP,
  /** Gate and up in one matrix, in this order. */
  GATE_UP,
  DOWN,
  FEED_FORWARD_POST_NORM
}
