package io.lockstep.server.serving;

import java.util.List;

/**
 * The vectors of a request; plain Java memory, nothing to close.
 *
 * @param version the version that answered
 * @param rows in the order of the inputs
 * @param batch the batch that the last row ran in
 */
public record EmbeddingResponse(String model, String version, List<Row> rows, BatchInfo batch) {

  public EmbeddingResponse {
    rows = List.copyOf(rows);
  }

  /** Tokens of all rows, special tokens included. */
  public long tokens() {
    return rows.stream().mapToLong(Row::tokens).sum();
  }

  /** The vector of one input. */
  public static final class Row {

    private final float[] vector; // [dimensions]
    private final int tokens;

    /** Takes the array over. */
    public Row(float[] vector, int tokens) {
      this.vector = vector;
      this.tokens = tokens;
    }

    public int dimensions() {
      return vector.length;
    }

    public float get(int dimension) {
      return vector[dimension];
    }

    /** Tokens the model saw, special tokens included. */
    public int tokens() {
      return tokens;
    }
  }
}
