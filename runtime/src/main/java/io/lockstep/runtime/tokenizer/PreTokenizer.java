package io.lockstep.runtime.tokenizer;

import java.util.List;

/** Cuts text into words, which no token crosses; may rewrite the text on the way; stateless. */
interface PreTokenizer {

  /** The whole text is one word. */
  PreTokenizer NONE = words -> words;

  /** Cuts every word further. */
  Words split(Words words);

  /** One after the other. */
  static PreTokenizer sequence(List<PreTokenizer> steps) {
    List<PreTokenizer> all = List.copyOf(steps);
    return words -> {
      Words split = words;
      for (PreTokenizer step : all) {
        split = step.split(split);
      }
      return split;
    };
  }
}
