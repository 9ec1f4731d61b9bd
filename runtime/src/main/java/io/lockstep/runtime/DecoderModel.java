package io.lockstep.runtime;

import io.lockstep.runtime.decoder.BlockAllocator;
import io.lockstep.runtime.decoder.DecoderConfig;
import io.lockstep.runtime.decoder.DecoderSession;
import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.importer.ImportedDecoder;
import io.lockstep.runtime.importer.gguf.GgufDecoders;
import io.lockstep.runtime.importer.safetensors.SafetensorsDecoders;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.tensor.TensorArena;
import io.lockstep.runtime.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A language model that continues texts; owns its mapped files and is closed after its sessions.
 */
public final class DecoderModel implements AutoCloseable {

  /** Sequences of full length that the cache holds unless somebody says otherwise. */
  private static final int DEFAULT_SEQUENCES = 16;

  private final ImportedDecoder imported;
  private final TensorArena packed;
  private final long parameters;
  private final MachineMemory memory;
  private final KernelSet kernels;
  private final RuntimeOptions options;
  private @Nullable Tokenizer tokenizer;

  private DecoderModel(
      Supplier<ImportedDecoder> files, MachineMemory memory, RuntimeOptions options) {
    this.memory = memory;
    this.kernels = KernelBackends.select(options.kernels()).kernels();
    this.options = options;
    this.packed = TensorArena.ofWeights();
    DecoderPacking packing = new DecoderPacking(files, kernels.blockGemm(), options.pool());
    this.imported = packing.pack(packed);
    this.parameters = packing.parameters();
  }

  /**
   * Loads a GGUF file, or safetensors with config.json beside them.
   *
   * @throws io.lockstep.runtime.error.InvalidModelException when the file is damaged
   * @throws UnsupportedModelException when the model needs what the runtime lacks; lists all of it;
   *     or when the file is larger than memory
   */
  public static DecoderModel load(Path path, RuntimeOptions options) {
    return load(path, options, MachineMemory.ofMachine());
  }

  static DecoderModel load(Path path, RuntimeOptions options, MachineMemory memory) {
    return load(path, options, memory, false);
  }

  /** As {@link #load}, with matrices of floats rounded to Q8_0 in memory of their own. */
  public static DecoderModel loadQuantized(Path path, RuntimeOptions options) {
    return load(path, options, MachineMemory.ofMachine(), true);
  }

  private static DecoderModel load(
      Path path, RuntimeOptions options, MachineMemory memory, boolean quantizes) {
    memory.refuseLarger(path);
    return new DecoderModel(
        () -> {
          ImportedDecoder opened =
              SafetensorsDecoders.recognizes(path)
                  ? SafetensorsDecoders.open(path, quantizes)
                  : GgufDecoders.open(path);
          memory.refuseLarger(path, opened);
          return opened;
        },
        memory,
        options);
  }

  public DecoderConfig config() {
    return imported.config();
  }

  /**
   * The model's tokenizer, read when it is first asked for.
   *
   * @throws io.lockstep.runtime.error.ModelException when the files have none that is supported
   */
  public synchronized Tokenizer tokenizer() {
    if (tokenizer == null) {
      tokenizer = imported.tokenizer().get();
    }
    return tokenizer;
  }

  /** The Jinja template that makes a prompt of a conversation, if the file has one. */
  public Optional<String> chatTemplate() {
    return imported.conversation().template();
  }

  /** What templates call {@code bos_token}. */
  public Optional<String> beginToken() {
    return imported.conversation().beginToken();
  }

  /** What templates call {@code eos_token}. */
  public Optional<String> endToken() {
    return imported.conversation().endToken();
  }

  /** The tokens after which a text, or a turn of a conversation, is over, in ascending order. */
  public List<Integer> endTokens() {
    return imported.conversation().endTokens();
  }

  /** The number of elements of all weights. */
  public long parameters() {
    return parameters;
  }

  /** Bytes of the model's files. */
  public long fileBytes() {
    return imported.fileBytes();
  }

  /** Bytes of weights in memory of their own; of the mapped files, the others alone are read. */
  public long packedBytes() {
    return packed.bytes();
  }

  /** Bytes of a cache of this many blocks. */
  public long cacheBytes(int blocks) {
    return DecoderSession.cacheBytes(config(), blocks);
  }

  /** Blocks of {@link BlockAllocator#SIZE} positions that fit a cache of this many bytes. */
  public int cacheBlocks(long bytes) {
    return (int) Math.min(Integer.MAX_VALUE / BlockAllocator.SIZE, bytes / cacheBytes(1));
  }

  /**
   * Blocks of the cache unless somebody says otherwise: sixteen sequences of full length, or what a
   * quarter of the memory beside the file holds.
   */
  public int defaultCacheBlocks() {
    long most = (long) DEFAULT_SEQUENCES * BlockAllocator.blocksFor(config().contextLength());
    long affordable = cacheBlocks((memory.bytes() - fileBytes()) / 4);
    return Math.toIntExact(Math.max(1, Math.min(most, affordable)));
  }

  /**
   * A session with a cache of its own.
   *
   * @param cacheBlocks blocks of {@link BlockAllocator#SIZE} positions
   * @throws UnsupportedModelException when files and cache together exceed memory
   */
  public DecoderSession newSession(int cacheBlocks) {
    if (cacheBytes(cacheBlocks) > memory.bytes() - fileBytes()) {
      throw new UnsupportedModelException(
          String.format(
              Locale.ROOT,
              "a cache of %,d bytes beside the model's %,d exceeds the %,d bytes of memory",
              cacheBytes(cacheBlocks),
              fileBytes(),
              memory.bytes()));
    }
    return new DecoderSession(config(), imported.weights(), kernels, options.pool(), cacheBlocks);
  }

  @Override
  public void close() {
    imported.files().close();
    packed.close();
  }
}
