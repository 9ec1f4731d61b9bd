package io.lockstep.server.serving;

/** Why a generated text ended. */
public enum FinishReason {
  /** The model ended it, or its grammar did. */
  END("stop"),
  /** A stop string or stop token of the request came. */
  STOP("stop"),
  /** The most tokens allowed were generated, or the model's context is full. */
  LENGTH("length");

  private final String label;

  FinishReason(String label) {
    this.label = label;
  }

  /** The name in OpenAI's protocol and in metrics. */
  public String label() {
    return label;
  }
}
