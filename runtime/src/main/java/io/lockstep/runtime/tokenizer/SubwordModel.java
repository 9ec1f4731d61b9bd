package io.lockstep.runtime.tokenizer;

/** Cuts one word into tokens of the vocabulary; stateless. */
interface SubwordModel {

  /** Adds the tokens of the word at code units {@code from} to {@code to}; from < to. */
  void split(NormalizedText source, int from, int to, TokenBuffer out);
}
