package io.lockstep.loadtest.traffic;

/** A question for each request, answered token by token. */
final class ChatTraffic implements Traffic {

  private final String model;
  private final int words;
  private final int tokens;

  /**
   * Questions of up to so many words.
   *
   * @param tokens of the longest answer
   */
  ChatTraffic(String model, int words, int tokens) {
    this.model = model;
    this.words = words;
    this.tokens = tokens;
  }

  @Override
  public String path() {
    return "/v1/chat/completions";
  }

  @Override
  public String body(long number) {
    return ("{\"model\":\"%s\",\"stream\":true,\"max_tokens\":%d,\"seed\":%d,"
            + "\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}")
        .formatted(model, tokens, number, new Sentences(number, 1, words).next());
  }

  @Override
  public boolean isStreamed() {
    return true;
  }
}
