package io.lockstep.runtime.tokenizer;

/** Reads the {@code model} of a tokenizer.json of one kind. */
interface ModelKind {

  /** Adds the tokens of the model; its {@code vocab} is an object of ids by spelling. */
  default void addTokens(JsonField model, Vocabulary.Builder out) {
    model.get("vocab").forEachMember((token, id) -> out.add(token, id.integer()));
  }

  /** Builds the model on its vocabulary; notes what of it is not supported. */
  SubwordModel read(JsonField model, Vocabulary vocabulary, UnsupportedParts unsupported);
}
