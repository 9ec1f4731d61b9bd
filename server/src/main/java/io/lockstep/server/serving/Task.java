package io.lockstep.server.serving;

/** What a model is for, beyond answering tensors with tensors. */
public enum Task {
  /** Nothing that the server knows about. */
  NONE("none"),
  /** Texts to vectors: the model has a tokenizer and its first output is pooled. */
  EMBEDDING("embedding"),
  /** Texts to their continuations: a decoder. */
  GENERATION("generation");

  private final String label;

  Task(String label) {
    this.label = label;
  }

  /** The name in model.yaml. */
  public String label() {
    return label;
  }
}
