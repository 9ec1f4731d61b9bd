package io.lockstep.server.registry;

import io.lockstep.runtime.DecoderModel;
import io.lockstep.runtime.decoder.BlockAllocator;
import io.lockstep.runtime.decoder.DecoderSession;
import io.lockstep.server.serving.GenerationLimits;
import io.lockstep.server.serving.GenerationTraits;
import io.lockstep.server.serving.ModelDescription;
import java.util.Locale;

/**
 * A model that continues texts.
 *
 * @param traits also part of the description
 * @param model stays with the registry, which closes it after the version was retired
 * @param session goes to whoever serves it
 */
public record LoadedDecoder(
    ModelDescription description,
    GenerationTraits traits,
    DecoderModel model,
    DecoderSession session,
    GenerationLimits limits)
    implements LoadedVersion {

  @Override
  public String batching() {
    return String.format(
        Locale.ROOT,
        "continuous batching of up to %d texts, a cache of %d tokens in %.1f MiB",
        limits.maxSequences(),
        session.blocks().capacity() * BlockAllocator.SIZE,
        traits.cacheBytes() / 1048576.0);
  }

  @Override
  public void close() {
    model.close();
  }
}
