package io.lockstep.runtime.importer.gguf;

import io.lockstep.runtime.decoder.DecoderConfig;
import io.lockstep.runtime.decoder.DecoderWeights;

/** A decoder whose weights stand in {@code file}, which whoever has this closes. */
public record ImportedDecoder(DecoderConfig config, DecoderWeights weights, GgufFile file) {}
