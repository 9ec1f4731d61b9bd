package io.lockstep.runtime.importer;

import io.lockstep.runtime.decoder.DecoderConfig;
import io.lockstep.runtime.decoder.DecoderWeights;
import io.lockstep.runtime.decoder.DecoderWeights.Norm;
import io.lockstep.runtime.decoder.DecoderWeights.Product;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.kernel.BlockMatrix;
import io.lockstep.runtime.quant.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gathers a decoder's weights by an architecture's table of names. A tensor of another shape than
 * the configuration asks for is refused, and so are files with tensors that nothing here reads:
 * theirs would be another model.
 */
public final class DecoderTensors {

  private static final String WEIGHT = ".weight";
  private static final String BIAS = ".bias";

  private final TensorSource source;
  private final Map<TensorRole, String> names;
  private final DecoderConfig config;
  private final Set<String> read = new HashSet<>();

  /**
   * Reads nothing yet.
   *
   * @param names by what they are for, without the suffixes of weights and biases; {@code {}}
   *     stands for a layer's number
   */
  public DecoderTensors(TensorSource source, Map<TensorRole, String> names, DecoderConfig config) {
    this.source = source;
    this.names = names;
    this.config = config;
  }

  /**
   * All weights.
   *
   * @param ignored tensors that may be there and are not needed
   */
  public DecoderWeights weights(Set<String> ignored) {
    BlockMatrix embedding =
        matrix(name(TensorRole.EMBEDDING, 0) + WEIGHT, config.vocabulary(), config.width());
    BlockMatrix positions =
        names.containsKey(TensorRole.POSITIONS)
            ? matrix(name(TensorRole.POSITIONS, 0) + WEIGHT, config.contextLength(), config.width())
            : null;
    List<DecoderWeights.Layer> layers = new ArrayList<>();
    for (int layer = 0; layer < config.layers(); layer++) {
      layers.add(layer(layer));
    }
    Norm outputNorm = norm(TensorRole.OUTPUT_NORM, 0);
    BlockMatrix output =
        has(TensorRole.OUTPUT, 0)
            ? matrix(name(TensorRole.OUTPUT, 0) + WEIGHT, config.vocabulary(), config.width())
            : embedding;
    MemorySegment factors =
        optionalVector(TensorRole.ROPE_FACTORS, 0, WEIGHT, config.rope().size() / 2);
    refuseUnread(ignored);
    return new DecoderWeights(embedding, positions, layers, outputNorm, output, factors);
  }

  private DecoderWeights.Layer layer(int layer) {
    Norm attentionNorm = norm(TensorRole.ATTENTION_NORM, layer);
    List<Product> heads = heads(layer);
    List<Product> gateAndUp =
        names.containsKey(TensorRole.GATE_UP)
            ? parts(TensorRole.GATE_UP, layer, config.feedForward(), config.feedForward())
            : List.of();
    return new DecoderWeights.Layer(
        attentionNorm,
        heads.get(0),
        heads.get(1),
        heads.get(2),
        optionalVector(TensorRole.QUERY_NORM, layer, WEIGHT, config.headSize()),
        optionalVector(TensorRole.KEY_NORM, layer, WEIGHT, config.headSize()),
        product(TensorRole.ATTENTION_OUTPUT, layer, config.width(), config.queryWidth()),
        optionalNorm(TensorRole.ATTENTION_POST_NORM, layer),
        norm(TensorRole.FEED_FORWARD_NORM, layer),
        gate(layer, gateAndUp),
        gateAndUp.isEmpty()
            ? product(TensorRole.UP, layer, config.feedForward(), config.width())
            : gateAndUp.get(1),
        product(TensorRole.DOWN, layer, config.width(), config.feedForward()),
        optionalNorm(TensorRole.FEED_FORWARD_POST_NORM, layer));
  }

  private @Nullable Product gate(int layer, List<Product> gateAndUp) {
    if (!gateAndUp.isEmpty()) {
      return gateAndUp.get(0);
    }
    return names.containsKey(TensorRole.GATE)
        ? product(TensorRole.GATE, layer, config.feedForward(), config.width())
        : null;
  }

  /** Queries, keys and values. */
  private List<Product> heads(int layer) {
    if (names.containsKey(TensorRole.QUERY_KEY_VALUE)) {
      return parts(
          TensorRole.QUERY_KEY_VALUE,
          layer,
          config.queryWidth(),
          config.kvWidth(),
          config.kvWidth());
    }
    return List.of(
        product(TensorRole.QUERY, layer, config.queryWidth(), config.width()),
        product(TensorRole.KEY, layer, config.kvWidth(), config.width()),
        product(TensorRole.VALUE, layer, config.kvWidth(), config.width()));
  }

  /** A matrix of several ones over each other, each with so many rows. */
  private List<Product> parts(TensorRole role, int layer, int... rows) {
    int all = 0;
    for (int count : rows) {
      all += count;
    }
    Product whole = product(role, layer, all, config.width());
    BlockMatrix matrix = whole.matrix();
    MemorySegment bias = whole.bias();
    List<Product> parts = new ArrayList<>();
    long from = 0;
    for (int count : rows) {
      MemorySegment data =
          matrix.data().asSlice(from * matrix.rowBytes(), count * matrix.rowBytes());
      parts.add(
          new Product(
              new BlockMatrix(matrix.format(), count, matrix.k(), data),
              bias == null ? null : bias.asSlice(from * Float.BYTES, (long) count * Float.BYTES)));
      from += count;
    }
    return parts;
  }

  private boolean has(TensorRole role, int layer) {
    return names.containsKey(role) && source.tensor(name(role, layer) + WEIGHT).isPresent();
  }

  private String name(TensorRole role, int layer) {
    String name = names.get(role);
    if (name == null) {
      throw new IllegalStateException("the table of names has no " + role);
    }
    return name.replace("{}", Integer.toString(layer));
  }

  private Product product(TensorRole role, int layer, int rows, int columns) {
    BlockMatrix matrix = matrix(name(role, layer) + WEIGHT, rows, columns);
    return new Product(matrix, optionalVector(role, layer, BIAS, rows));
  }

  private @Nullable Norm optionalNorm(TensorRole role, int layer) {
    return has(role, layer) ? norm(role, layer) : null;
  }

  private Norm norm(TensorRole role, int layer) {
    MemorySegment gamma = vector(name(role, layer) + WEIGHT, config.width());
    return new Norm(gamma, optionalVector(role, layer, BIAS, config.width()));
  }

  private BlockMatrix matrix(String name, int rows, int columns) {
    ModelTensor tensor = shaped(name, List.of((long) rows, (long) columns));
    return new BlockMatrix(tensor.format(), rows, columns, tensor.data());
  }

  private MemorySegment vector(String name, int length) {
    ModelTensor tensor = shaped(name, List.of((long) length));
    if (tensor.format() != BlockFormat.F32) {
      throw new UnsupportedModelException(
          "the vector '" + name + "' is " + tensor.format() + "; only F32 is supported");
    }
    return tensor.data();
  }

  private @Nullable MemorySegment optionalVector(
      TensorRole role, int layer, String suffix, int length) {
    if (!names.containsKey(role)) {
      return null;
    }
    String name = name(role, layer) + suffix;
    return source.tensor(name).isPresent() ? vector(name, length) : null;
  }

  private ModelTensor shaped(String name, List<Long> extents) {
    Optional<ModelTensor> tensor = source.tensor(name);
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

  private void refuseUnread(Set<String> ignored) {
    List<String> unread =
        source.names().stream()
            .filter(name -> !read.contains(name) && !ignored.contains(name))
            .limit(20)
            .toList();
    if (!unread.isEmpty()) {
      throw new UnsupportedModelException(
          "not supported: tensors that no such decoder has: " + String.join(", ", unread));
    }
  }
}
