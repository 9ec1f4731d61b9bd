package io.lockstep.server.serving;

/**
 * A span of a trace that somebody keeps, for pointing at it.
 *
 * @param traceId 32 hexadecimal digits
 * @param spanId 16 hexadecimal digits
 */
public record TraceReference(String traceId, String spanId) {}
