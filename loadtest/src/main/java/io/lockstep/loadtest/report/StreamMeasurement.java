package io.lockstep.loadtest.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.lockstep.loadtest.generator.Sample;
import io.lockstep.loadtest.generator.StreamTimes;
import java.util.List;
import java.util.Optional;

/**
 * Streams as their readers saw them.
 *
 * @param firstToken from the intended start to the first token
 * @param interToken between neighbouring tokens, of all streams
 * @param tokensPerSecond of all streams together
 * @param streamTokensPerSecond of a stream, from its first token to its last
 */
public record StreamMeasurement(
    @JsonProperty("first_token") Percentiles firstToken,
    @JsonProperty("inter_token") Percentiles interToken,
    @JsonProperty("tokens_per_second") double tokensPerSecond,
    @JsonProperty("stream_tokens_per_second") SlowestShare streamTokensPerSecond) {

  static Optional<StreamMeasurement> of(List<Sample> answered, double seconds) {
    List<StreamTimes> streams =
        answered.stream().map(Sample::stream).filter(s -> !s.tokens().isEmpty()).toList();
    if (streams.isEmpty()) {
      return Optional.empty();
    }
    long tokens = streams.stream().mapToLong(s -> s.tokens().size()).sum();
    return Optional.of(
        new StreamMeasurement(
            Percentiles.ofNanos(streams.stream().mapToDouble(StreamTimes::first)),
            Percentiles.ofNanos(streams.stream().flatMapToDouble(s -> s.gaps().asDoubleStream())),
            tokens / seconds,
            SlowestShare.of(
                streams.stream()
                    .filter(s -> s.tokens().size() > 1)
                    .mapToDouble(StreamTimes::perSecond))));
  }
}
