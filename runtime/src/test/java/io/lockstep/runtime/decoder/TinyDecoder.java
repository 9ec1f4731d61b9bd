package io.lockstep.runtime.decoder;

import io.lockstep.runtime.importer.gguf.GgufBytes;
import io.lockstep.runtime.quant.BlockFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** A decoder of random weights, as a GGUF file and as arrays by the names in the file. */
final class TinyDecoder {

  static final int WIDTH = 16;
  static final int HEADS = 4;
  static final int KV_HEADS = 2;
  static final int HEAD = 6;
  static final int FEED_FORWARD = 20;
  static final int VOCABULARY = 13;

  final String architecture;
  final int layers;
  final GgufBytes file = new GgufBytes();
  final Map<String, float[]> tensors = new LinkedHashMap<>();
  private final Random random;

  TinyDecoder(String architecture, int layers, int context, long seed) {
    this.architecture = architecture;
    this.layers = layers;
    this.random = new Random(seed);
    file.string("general.architecture", architecture);
    integer("context_length", context);
    integer("embedding_length", WIDTH);
    integer("block_count", layers);
    integer("attention.head_count", HEADS);
    integer("attention.head_count_kv", KV_HEADS);
    integer("attention.key_length", HEAD);
    integer("feed_forward_length", FEED_FORWARD);
    matrix("token_embd.weight", VOCABULARY, WIDTH);
  }

  TinyDecoder string(String key, String value) {
    file.string(architecture + "." + key, value);
    return this;
  }

  TinyDecoder integer(String key, int value) {
    file.integer(architecture + "." + key, value);
    return this;
  }

  TinyDecoder number(String key, double value) {
    file.number(architecture + "." + key, (float) value);
    return this;
  }

  /** Weights of a layer that keep the size of what they are given. */
  TinyDecoder matrix(String name, int rows, int columns) {
    return tensor(name, 0, 1.5 / Math.sqrt(columns), rows, columns);
  }

  /** A vector around a mean. */
  TinyDecoder vector(String name, double mean, int length) {
    return tensor(name, mean, 0.3, length);
  }

  private TinyDecoder tensor(String name, double mean, double deviation, int... extents) {
    int count = 1;
    long[] longs = new long[extents.length];
    for (int i = 0; i < extents.length; i++) {
      count *= extents[i];
      longs[i] = extents[i];
    }
    float[] values = new float[count];
    ByteBuffer bytes = ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      values[i] = (float) (mean + deviation * random.nextGaussian());
      bytes.putFloat(values[i]);
    }
    tensors.put(name, values);
    file.tensor(name, BlockFormat.F32, bytes.array(), longs);
    return this;
  }

  /** Projections of queries, keys and values, in three matrices. */
  TinyDecoder separateHeads(boolean hasBiases) {
    for (int layer = 0; layer < layers; layer++) {
      String at = "blk." + layer + ".";
      matrix(at + "attn_q.weight", HEADS * HEAD, WIDTH);
      matrix(at + "attn_k.weight", KV_HEADS * HEAD, WIDTH);
      matrix(at + "attn_v.weight", KV_HEADS * HEAD, WIDTH);
      if (hasBiases) {
        vector(at + "attn_q.bias", 0, HEADS * HEAD);
        vector(at + "attn_k.bias", 0, KV_HEADS * HEAD);
        vector(at + "attn_v.bias", 0, KV_HEADS * HEAD);
      }
    }
    return this;
  }

  /** What layers of root mean square normalisation and a gate have in common. */
  TinyDecoder gatedLayers(boolean isFused) {
    number("attention.layer_norm_rms_epsilon", 1e-5);
    vector("output_norm.weight", 1, WIDTH);
    for (int layer = 0; layer < layers; layer++) {
      String at = "blk." + layer + ".";
      vector(at + "attn_norm.weight", 1, WIDTH);
      vector(at + "ffn_norm.weight", 1, WIDTH);
      matrix(at + "attn_output.weight", WIDTH, HEADS * HEAD);
      if (!isFused) {
        matrix(at + "ffn_gate.weight", FEED_FORWARD, WIDTH);
      }
      matrix(at + "ffn_up.weight", isFused ? 2 * FEED_FORWARD : FEED_FORWARD, WIDTH);
      matrix(at + "ffn_down.weight", WIDTH, FEED_FORWARD);
    }
    return this;
  }

  /** A vector of every layer. */
  TinyDecoder layerVector(String name, double mean, int length) {
    for (int layer = 0; layer < layers; layer++) {
      vector("blk." + layer + "." + name, mean, length);
    }
    return this;
  }

  /** A matrix of every layer. */
  TinyDecoder layerMatrix(String name, int rows, int columns) {
    for (int layer = 0; layer < layers; layer++) {
      matrix("blk." + layer + "." + name, rows, columns);
    }
    return this;
  }
}
