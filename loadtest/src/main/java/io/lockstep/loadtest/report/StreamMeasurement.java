package io.lockstep.loadtest.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.lockstep.loadtest.generator.Sample;
import java.util.List;
import java.util.Optional;

/**
 * Streams as their readers saw them.
 *
 * @param firstToken from the intended start to the first token
 * @param interToken mean time between the tokens of a stream
 * @param tokensPerSecond of all streams together
 */
public record StreamMeasurement(
    @JsonProperty("first_token") Percentiles firstToken,
    @JsonProperty("inter_token") Percentiles interToken,
    @JsonProperty("tokens_per_second") double tokensPerSecond) {

  static Optional<StreamMeasurement> of(List<Sample> answered, double seconds) {
    List<Sample> streams = answered.stream().filter(s -> s.stream().tokens() > 0).toList();
    if (streams.isEmpty()) {
      return Optional.empty();
    }
    long tokens = streams.stream().mapToLong(s -> s.stream().tokens()).sum();
    return Optional.of(
        new StreamMeasurement(
            Percentiles.ofNanos(streams.stream().mapToDouble(s -> s.stream().first())),
            Percentiles.ofNanos(
                streams.stream()
                    .filter(s -> s.stream().tokens() > 1)
                    .mapToDouble(s -> s.stream().interToken())),
            tokens / seconds));
  }
}
