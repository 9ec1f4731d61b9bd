package io.lockstep.runtime.tokenizer;

/**
 * How to encode one text.
 *
 * @param addSpecialTokens whether the template's special tokens ([CLS], [SEP] …) are put around
 * @param truncation the longest encoding wanted and how to get there
 */
public record EncodeOptions(boolean addSpecialTokens, Truncation truncation) {

  public EncodeOptions withSpecialTokens(boolean wanted) {
    return new EncodeOptions(wanted, truncation);
  }

  public EncodeOptions withTruncation(Truncation wanted) {
    return new EncodeOptions(addSpecialTokens, wanted);
  }
}
