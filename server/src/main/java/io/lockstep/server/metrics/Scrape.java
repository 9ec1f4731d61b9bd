package io.lockstep.server.metrics;

/** One scrape, in the format that was asked for. */
@SuppressWarnings("ArrayRecordComponent") // handed over once and never compared
public record Scrape(String contentType, byte[] body) {}
