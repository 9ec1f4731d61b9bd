package io.lockstep.server.serving;

import org.jspecify.annotations.Nullable;

/**
 * A request for work that was answered, as metrics, logs and traces tell it.
 *
 * @param model the name in the request, null when it never got so far
 * @param version the version that answered, null when none did
 * @param protocol v2, tfserving, openai, tei
 * @param outcome {@code success}, or the error code in lower case
 * @param batch that it ran in, null when it did not run
 */
public record AnsweredRequest(
    @Nullable String model,
    @Nullable String version,
    String protocol,
    String outcome,
    @Nullable BatchInfo batch,
    PhaseClock clock) {}
