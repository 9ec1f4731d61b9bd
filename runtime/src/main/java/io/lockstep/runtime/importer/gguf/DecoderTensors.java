package io.lockstep.runtime.importer.gguf;

import io.lockstep.runtime.decoder.DecoderConfig;
import io.lockstep.runtime.decoder.DecoderWeights;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.kernel.BlockMatrix;
import io.lockstep.runtime.quant.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The table of tensor names. A tensor of another shape than the configuration asks for is refused,
 * and so is a file with tensors that nothing here reads: its model would be another one.
 */
final class DecoderTensors {

  static final String EMBEDDING = "token_embd.weight";

  private final GgufFile file;
  private final DecoderConfig config;
  private final Set<String> read = new HashSet<>();

  DecoderTensors(GgufFile file, DecoderConfig config) {
    this.file = file;
    this.config = config;
  }

  DecoderWeights weights() {
    BlockMatrix embedding = matrix(EMBEDDING, config.vocabulary(), config.width());
    List<DecoderWeights.Layer> layers = new ArrayList<>();
    for (int layer = 0; layer < config.layers(); layer++) {
      layers.add(layer("blk." + layer + "."));
    }
    MemorySegment outputNorm = vector("output_norm.weight", config.width());
    BlockMatrix output =
        file.tensor("output.weight").isPresent()
            ? matrix("output.weight", config.vocabulary(), config.width())
            : embedding;
    MemorySegment factors = optionalVector("rope_freqs.weight", config.rope().size() / 2);
    refuseUnread();
    return new DecoderWeights(embedding, layers, outputNorm, output, factors);
  }

  private DecoderWeights.Layer layer(String at) {
    return new DecoderWeights.Layer(
        vector(at + "attn_norm.weight", config.width()),
        matrix(at + "attn_q.weight", config.queryWidth(), config.width()),
        matrix(at + "attn_k.weight", config.kvWidth(), config.width()),
        matrix(at + "attn_v.weight", config.kvWidth(), config.width()),
        optionalVector(at + "attn_q.bias", config.queryWidth()),
        optionalVector(at + "attn_k.bias", config.kvWidth()),
        optionalVector(at + "attn_v.bias", config.kvWidth()),
        optionalVector(at + "attn_q_norm.weight", config.headSize()),
        optionalVector(at + "attn_k_norm.weight", config.headSize()),
        matrix(at + "attn_output.weight", config.width(), config.queryWidth()),
        vector(at + "ffn_norm.weight", config.width()),
        matrix(at + "ffn_gate.weight", config.feedForward(), config.width()),
        matrix(at + "ffn_up.weight", config.feedForward(), config.width()),
        matrix(at + "ffn_down.weight", config.width(), config.feedForward()));
  }

  private BlockMatrix matrix(String name, int rows, int columns) {
    GgufTensor tensor = shaped(name, List.of((long) rows, (long) columns));
    return new BlockMatrix(tensor.format(), rows, columns, tensor.data());
  }

  private MemorySegment vector(String name, int length) {
    GgufTensor tensor = shaped(name, List.of((long) length));
    if (tensor.format() != BlockFormat.F32) {
      throw new UnsupportedModelException(
          "the vector '" + name + "' is " + tensor.format() + "; only F32 is supported");
    }
    return tensor.data();
  }

  private @Nullable MemorySegment optionalVector(String name, int length) {
    return file.tensor(name).isPresent() ? vector(name, length) : null;
  }

  private GgufTensor shaped(String name, List<Long> extents) {
    Optional<GgufTensor> tensor = file.tensor(name);
    if (tensor.isEmpty()) {
      throw new InvalidModelException("the file has no tensor '" + name + "'");
    }
    if (!tensor.get().extents().equals(extents)) {
      throw new InvalidModelException(
          "tensor '" + name + "' is " + tensor.get().extents() + " instead of " + extents);
    }
    read.add(name);
    return tensor.get();
  }

  private void refuseUnread() {
    List<String> unread =
        file.tensors().keySet().stream().filter(name -> !read.contains(name)).limit(20).toList();
    if (!unread.isEmpty()) {
      throw new UnsupportedModelException(
          "not supported: tensors that no such decoder has: " + String.join(", ", unread));
    }
  }
}
