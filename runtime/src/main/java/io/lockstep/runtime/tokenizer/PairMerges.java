package io.lockstep.runtime.tokenizer;

/** Which neighbouring tokens may become one, and how early. */
interface PairMerges {

  /** No such merge. */
  long NONE = -1;

  /**
   * The merge of two neighbours as {@code rank << 32 | id of the merged token}, lowest rank first;
   * {@link #NONE} when they stay apart.
   *
   * @param text holds both, as code units {@code from} to {@code to}
   * @param left id of the first, {@link TokenTrie#NONE} when it is no token
   * @param right id of the second, likewise
   */
  long merged(String text, int from, int to, int left, int right);

  /** Packs a merge. */
  static long of(int rank, int id) {
    return (long) rank << 32 | id;
  }
}
