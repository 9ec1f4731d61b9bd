package io.lockstep.runtime.decoder;

import io.lockstep.runtime.kernel.Attention;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The tokens of one forward pass: pieces of any number of sequences. Reused step after step. */
public final class StepBatch implements Attention.Rows {

  private final List<BlockTable> tables = new ArrayList<>(); // [rows]
  private int[] tokens = new int[64]; // [rows]
  private int[] positions = new int[64]; // [rows]
  private int[] wanted = new int[16]; // [wantedRows]
  private int rows;
  private int wantedRows;

  /** Empties the batch. */
  public void clear() {
    tables.clear();
    rows = 0;
    wantedRows = 0;
  }

  /**
   * Adds a piece of a sequence. Pieces of one sequence are added in the order of their positions.
   *
   * @param source where the piece's tokens stand
   * @param from index of its first token in {@code source}
   * @param count its tokens
   * @param firstPosition the first token's position in the sequence
   * @param table has room for all its positions
   * @param wantsLogits whether the logits after the last token are wanted
   */
  public void add(
      int[] source, int from, int count, int firstPosition, BlockTable table, boolean wantsLogits) {
    if (count < 1 || firstPosition + count > table.count() * BlockAllocator.SIZE) {
      throw new IllegalArgumentException(
          count + " tokens at " + firstPosition + " do not fit " + table.count() + " blocks");
    }
    if (rows + count > tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * (rows + count));
      positions = Arrays.copyOf(positions, 2 * (rows + count));
    }
    for (int i = 0; i < count; i++) {
      tokens[rows] = source[from + i];
      positions[rows++] = firstPosition + i;
      tables.add(table);
    }
    if (wantsLogits) {
      if (wantedRows == wanted.length) {
        wanted = Arrays.copyOf(wanted, 2 * wantedRows);
      }
      wanted[wantedRows++] = rows - 1;
    }
  }

  /** All tokens. */
  @Override
  public int rows() {
    return rows;
  }

  /** How many rows of logits a forward pass gives, in the order of the pieces that want them. */
  public int wantedRows() {
    return wantedRows;
  }

  /** The token of a row. */
  public int token(int row) {
    return tokens[row];
  }

  /** Its position in its sequence. */
  @Override
  public int position(int row) {
    return positions[row];
  }

  /** Where its sequence is kept. */
  public BlockTable table(int row) {
    return tables.get(row);
  }

  @Override
  public int block(int row, int index) {
    return tables.get(row).block(index);
  }

  @Override
  public boolean isSameSequence(int row, int other) {
    return tables.get(row) == tables.get(other);
  }

  /** The row that row {@code index} of the logits belongs to. */
  public int wantedRow(int index) {
    return wanted[index];
  }
}
