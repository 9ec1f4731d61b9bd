package io.lockstep.loadtest.decode;

/** A program with a model loaded. */
interface Contender extends AutoCloseable {

  /** Tokens a second of a prompt of this many. */
  double prefill(int tokens);

  /** Tokens a second of so many texts at once, each continued by {@code tokens}. */
  double decode(int streams, int tokens);

  @Override
  void close();
}
