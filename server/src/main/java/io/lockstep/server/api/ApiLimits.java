package io.lockstep.server.api;

import java.time.Duration;

/**
 * What one request may ask for.
 *
 * @param maxBodyBytes of a body, after decompression
 * @param maxTensorBytes of any single tensor
 * @param maxJsonDepth nesting of arrays and objects
 * @param maxTexts of one embedding request
 * @param defaultTimeout of requests that name none; zero for none
 * @param generationTimeout the same for requests that generate text
 */
public record ApiLimits(
    long maxBodyBytes,
    long maxTensorBytes,
    int maxJsonDepth,
    int maxTexts,
    Duration defaultTimeout,
    Duration generationTimeout) {}
