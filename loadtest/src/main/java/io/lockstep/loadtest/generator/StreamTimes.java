package io.lockstep.loadtest.generator;

import java.util.List;
import java.util.stream.LongStream;

/**
 * The tokens of a streamed answer.
 *
 * @param tokens nanoseconds from the intended start to each token, ascending
 */
public record StreamTimes(List<Long> tokens) {

  /** Of an answer that is no stream, or had no token. */
  public static final StreamTimes NONE = new StreamTimes(List.of());

  private static final double NANOS_PER_SECOND = 1e9;

  public StreamTimes {
    tokens = List.copyOf(tokens);
  }

  /** Nanoseconds from the intended start to the first token; there must be one. */
  public long first() {
    return tokens.getFirst();
  }

  /** Nanoseconds between each two neighbouring tokens. */
  public LongStream gaps() {
    return LongStream.range(1, tokens.size())
        .map(i -> tokens.get((int) i) - tokens.get((int) i - 1));
  }

  /** Tokens a second from the first to the last one; infinite where they came at once. */
  public double perSecond() {
    return (tokens.size() - 1) * NANOS_PER_SECOND / (tokens.getLast() - tokens.getFirst());
  }
}
