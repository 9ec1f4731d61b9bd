package io.lockstep.runtime.tokenizer;

/** Rewrites text before it is split into words; stateless. */
interface TextNormalizer {

  /** Leaves text as it is. */
  TextNormalizer NONE = text -> text;

  /** The rewritten text, still knowing where in the original every piece of it comes from. */
  NormalizedText normalize(NormalizedText text);
}
