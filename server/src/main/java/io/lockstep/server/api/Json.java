package io.lockstep.server.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Parsers and generators with the limits of this server. */
final class Json {

  /** Digits that a number may have; no double needs more than 767 to be exact. */
  private static final int MAX_NUMBER_LENGTH = 1000;

  /** Characters of a key; model, input and output names are far shorter. */
  private static final int MAX_NAME_LENGTH = 4096;

  private final JsonFactory strict;
  private final JsonFactory withNonFinite;

  Json(ApiLimits limits) {
    strict = factory(limits, false);
    withNonFinite = factory(limits, true);
  }

  /** A parser of RFC 8259; {@code nonFinite} also admits the bare words NaN and Infinity. */
  JsonParser parser(InputStream body, boolean nonFinite) throws IOException {
    return (nonFinite ? withNonFinite : strict).createParser(body);
  }

  /** As {@link #parser(InputStream, boolean)}, of a body that was read. */
  JsonParser parser(byte[] body, boolean nonFinite) throws IOException {
    return (nonFinite ? withNonFinite : strict).createParser(body);
  }

  JsonGenerator generator(OutputStream out) throws IOException {
    return strict.createGenerator(out);
  }

  private static JsonFactory factory(ApiLimits limits, boolean nonFinite) {
    return JsonFactory.builder()
        // Buffers kept by thread are lost on virtual threads, which live for one request.
        .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(limits.maxJsonDepth())
                .maxNumberLength(MAX_NUMBER_LENGTH)
                .maxNameLength(MAX_NAME_LENGTH)
                .maxStringLength((int) Math.min(limits.maxBodyBytes(), Integer.MAX_VALUE - 8))
                .build())
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
        .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
        .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
        .configure(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS, nonFinite)
        .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
        // Names come from clients and must not stay for good. Jackson's own table of them is
        // needed: without it bytes are decoded by the JDK, which takes invalid UTF-8 for U+FFFD
        // in silence.
        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        .build();
  }
}
