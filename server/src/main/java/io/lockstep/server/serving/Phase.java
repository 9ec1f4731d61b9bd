package io.lockstep.server.serving;

/** The stations of a request, in the order they are passed. */
public enum Phase {
  /** Reading the body into tensors or texts. */
  PARSE("parse"),
  /** Resolving the model and comparing the request with its signature. */
  VALIDATE("validate"),
  /** Text to token ids. */
  TOKENIZE("tokenize"),
  /** Waiting for the batch to close and the instance to be free. */
  QUEUE("queue"),
  /** Gathering rows of all requests into the instance's input memory. */
  ASSEMBLE("assemble"),
  /** Running the model. */
  INFER("infer"),
  /** Choosing tokens from what the model gave. */
  SAMPLE("sample"),
  /** Copying the request's rows out, joining parts, pooling. */
  SPLIT("split"),
  /** Encoding the answer. */
  WRITE("write");

  private final String label;

  Phase(String label) {
    this.label = label;
  }

  /** The name in the {@code Server-Timing} header and in metrics. */
  public String label() {
    return label;
  }
}
