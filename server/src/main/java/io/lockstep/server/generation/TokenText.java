package io.lockstep.server.generation;

/** Turns the tokens of one text into characters as they come. */
public interface TokenText {

  /** The characters that a token completes. */
  String add(int id);

  /** What is left at the end of the text. */
  String finish();
}
