package io.lockstep.loadtest.traffic;

/** A sentence for each request, to OpenAI's route. */
final class EmbeddingTraffic implements Traffic {

  private static final int SHORTEST = 3;

  private final String model;
  private final int longest;

  /**
   * Sentences of up to so many words, and at least three.
   *
   * @param longest words
   */
  EmbeddingTraffic(String model, int longest) {
    this.model = model;
    this.longest = longest;
  }

  @Override
  public String path() {
    return "/v1/embeddings";
  }

  @Override
  public String body(long number) {
    return "{\"model\":\"%s\",\"encoding_format\":\"base64\",\"input\":\"%s\"}"
        .formatted(model, new Sentences(number, Math.min(SHORTEST, longest), longest).next());
  }

  @Override
  public boolean isStreamed() {
    return false;
  }
}
