package io.lockstep.runtime.tokenizer;

/** Cuts text into words, which no token crosses; may rewrite the text on the way; stateless. */
interface PreTokenizer {

  /** The whole text is one word. */
  PreTokenizer NONE = words -> words;

  /** Cuts every word further. */
  Words split(Words words);
}
