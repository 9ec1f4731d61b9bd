package io.lockstep.server.serving;

/** How the vectors of a text's tokens become one. */
public enum Pooling {
  /** The mean over the valid tokens, special tokens included. */
  MEAN("mean"),
  /** The vector of the first token. */
  CLS("cls"),
  /** The vector of the last valid token. */
  LAST("last");

  private final String label;

  Pooling(String label) {
    this.label = label;
  }

  /** The name in model.yaml and in TEI's {@code /info}. */
  public String label() {
    return label;
  }
}
