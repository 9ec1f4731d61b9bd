package io.lockstep.server.registry;

import io.lockstep.runtime.BatchTraits;
import io.lockstep.runtime.DecoderModel;
import io.lockstep.runtime.Dimension;
import io.lockstep.runtime.ModelSignature;
import io.lockstep.runtime.TensorSpec;
import io.lockstep.runtime.decoder.BlockAllocator;
import io.lockstep.runtime.decoder.DecoderSession;
import io.lockstep.runtime.decoder.StepBatch;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.server.config.ModelConfig;
import io.lockstep.server.config.ServerConfig;
import io.lockstep.server.serving.BatchSettings;
import io.lockstep.server.serving.GenerationLimits;
import io.lockstep.server.serving.GenerationTraits;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.StateTraits;
import io.lockstep.server.serving.Task;
import io.lockstep.server.serving.Ticker;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Takes a language model from its file to the point where it can serve. */
final class DecoderLoader {

  /** Such models show themselves as text to text, to protocols that ask for tensors. */
  private static final ModelSignature SIGNATURE =
      new ModelSignature(
          List.of(new TensorSpec("text_input", DType.STRING, List.of(Dimension.fixed(1)))),
          List.of(new TensorSpec("text_output", DType.STRING, List.of(Dimension.fixed(1)))));

  private static final BatchTraits TRAITS =
      new BatchTraits(
          BatchTraits.Mode.NONE,
          List.of(new BatchTraits.Axes(-1, -1)),
          List.of(new BatchTraits.Axes(-1, -1)),
          -1,
          "texts are batched token by token");

  /** What the one format of a single file ends in. */
  static final String GGUF = ".gguf";

  /** Steps after which the compiler has had its chance, when it compiles the kernels. */
  private static final int MAX_ROUNDS = 64;

  /** A step of many tokens and some of one, where kernels are machine code from the start. */
  private static final int EMITTED_ROUNDS = 8;

  private final ServerConfig config;
  private final VersionLoader.Opener opener;
  private final Ticker ticker;

  DecoderLoader(ServerConfig config, VersionLoader.Opener opener, Ticker ticker) {
    this.config = config;
    this.opener = opener;
    this.ticker = ticker;
  }

  /** Loads a version; on failure everything taken so far is given back. */
  LoadedDecoder load(String name, long version, Path file, ModelConfig model) {
    boolean isGguf = file.toString().endsWith(GGUF);
    boolean quantizes = model.generation().weights() == ModelConfig.Weights.Q8_0;
    if (isGguf && quantizes) {
      throw new InvalidModelException("weights: q8_0 is for safetensors, and this is a GGUF file");
    }
    DecoderModel decoder = opener.openDecoder(file, quantizes);
    try {
      String platform = isGguf ? "lockstep_gguf" : "lockstep_safetensors";
      return finish(new Identity(name, version, platform), model, decoder);
    } catch (RuntimeException | Error problem) { // given back, then thrown on
      decoder.close();
      throw problem;
    }
  }

  /** What a version is called, and the format that it was in. */
  private record Identity(String name, long version, String platform) {}

  private LoadedDecoder finish(Identity identity, ModelConfig model, DecoderModel decoder) {
    int blocks = cacheBlocks(model, decoder);
    GenerationLimits limits = limits(model.generation());
    GenerationTraits traits =
        new GenerationTraits(
            decoder.tokenizer(),
            Math.min(contextLength(model, decoder), blocks * BlockAllocator.SIZE),
            decoder.endTokens(),
            decoder.chatTemplate(),
            decoder.beginToken().orElse(""),
            decoder.endToken().orElse(""),
            blocks,
            decoder.cacheBytes(blocks));
    ModelDescription description =
        new ModelDescription(
            identity.name(),
            Long.toString(identity.version()),
            identity.platform(),
            model.description(),
            SIGNATURE,
            TRAITS,
            new BatchSettings(
                limits.maxSequences(),
                config.batching().maxQueueDelay(),
                limits.maxQueueTokens(),
                1),
            Task.GENERATION,
            Optional.empty(),
            List.of(),
            decoder.parameters(),
            ticker.epochMillis(),
            Optional.of(traits),
            StateTraits.NONE);
    DecoderSession session = decoder.newSession(blocks);
    boolean warm = model.warmup() == null ? config.warmup().enabled() : model.warmup();
    if (warm) {
      warmUp(session, limits);
    }
    return new LoadedDecoder(description, traits, decoder, session, limits);
  }

  private static int contextLength(ModelConfig model, DecoderModel decoder) {
    int own = decoder.config().contextLength();
    return model.maxLength() == null ? own : Math.min(own, model.maxLength());
  }

  private static int cacheBlocks(ModelConfig model, DecoderModel decoder) {
    if (model.generation().kvCache() == null) {
      return decoder.defaultCacheBlocks();
    }
    int blocks = decoder.cacheBlocks(model.generation().kvCache().bytes());
    if (blocks < 2) {
      throw new InvalidModelException(
          "kv_cache is %s, but two blocks of %d tokens need %d bytes"
              .formatted(model.generation().kvCache(), BlockAllocator.SIZE, decoder.cacheBytes(2)));
    }
    return blocks;
  }

  private GenerationLimits limits(ModelConfig.Generation own) {
    ServerConfig.Generation standard = config.generation();
    return new GenerationLimits(
        own.maxSequences() == null ? standard.maxSequences() : own.maxSequences(),
        own.stepTokens() == null ? standard.stepTokens() : own.stepTokens(),
        own.maxQueueTokens() == null ? standard.maxQueueTokens() : own.maxQueueTokens());
  }

  /** Runs steps of the usual kinds, one token and many, until the compiler has seen them. */
  private void warmUp(DecoderSession session, GenerationLimits limits) {
    long end = ticker.nanos() + config.warmup().maxTime().toNanos() / 4;
    StepBatch batch = new StepBatch();
    int most = Math.min(limits.stepTokens(), session.blocks().available() * BlockAllocator.SIZE);
    int[] tokens = new int[most];
    int rounds = opener.isEmitted() ? EMITTED_ROUNDS : MAX_ROUNDS;
    for (int round = 0; round < rounds && ticker.nanos() - end < 0; round++) {
      int count = round % 8 == 0 ? most : 1;
      var table = session.blocks().match(new int[0]);
      if (!session.blocks().grow(table, count)) {
        return;
      }
      batch.clear();
      batch.add(tokens, 0, count, 0, table, true);
      session.forward(batch);
      session.blocks().release(table);
    }
  }
}
