package io.lockstep.loadtest.generator;

/**
 * The tokens of a streamed answer.
 *
 * @param first nanoseconds from the intended start to the first token
 * @param last nanoseconds from the intended start to the last token
 * @param tokens how many there were
 */
public record StreamTimes(long first, long last, int tokens) {

  /** Of an answer that is no stream, or had no token. */
  public static final StreamTimes NONE = new StreamTimes(0, 0, 0);

  /** Nanoseconds between two tokens, on average; 0 where there are no two. */
  public double interToken() {
    return tokens < 2 ? 0 : (last - first) / (double) (tokens - 1);
  }
}
