package io.lockstep.runtime.decoder;

import static io.lockstep.runtime.decoder.TinyDecoder.FEED_FORWARD;
import static io.lockstep.runtime.decoder.TinyDecoder.HEAD;
import static io.lockstep.runtime.decoder.TinyDecoder.HEADS;
import static io.lockstep.runtime.decoder.TinyDecoder.KV_HEADS;
import static io.lockstep.runtime.decoder.TinyDecoder.VOCABULARY;
import static io.lockstep.runtime.decoder.TinyDecoder.WIDTH;

import java.util.Arrays;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A decoder written down in double precision, one token after the other and without a cache of any
 * kind but arrays: what {@link DecoderSession} is held to.
 */
final class ReferenceDecoder {

  /** The angle between neighbouring positions of a pair of elements. */
  interface Angles {
    double of(int pair, int layer);
  }

  private final Map<String, float[]> tensors;
  private final int layers;

  boolean subtractsMean;
  double epsilon = 1e-5;
  double embeddingScale = 1;
  double scoreCap;
  double logitCap;
  boolean isInterleaved;
  int turned = HEAD;
  double magnitude = 1;
  Angles angles = (pair, layer) -> Math.pow(10_000, -2.0 * pair / HEAD);
  DoubleUnaryOperator activation = x -> x / (1 + Math.exp(-x));
  int window = Integer.MAX_VALUE;
  IntPredicate isWindowed = layer -> false;

  ReferenceDecoder(TinyDecoder decoder) {
    this.tensors = decoder.tensors;
    this.layers = decoder.layers;
  }

  /** What the tanh approximation of GELU is (Hendrycks and Gimpel, 2016). */
  static double gelu(double x) {
    return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
  }

  /** Logits after the last token. */
  double[] logits(int[] tokens) {
    double[][] x = new double[tokens.length][];
    for (int t = 0; t < tokens.length; t++) {
      x[t] = new double[WIDTH];
      for (int i = 0; i < WIDTH; i++) {
        x[t][i] = embeddingScale * get("token_embd.weight")[tokens[t] * WIDTH + i];
        float[] positions = tensors.get("position_embd.weight");
        x[t][i] += positions == null ? 0 : positions[t * WIDTH + i];
      }
    }
    for (int layer = 0; layer < layers; layer++) {
      layer(layer, x);
    }
    double[] last = norm("output_norm", x[tokens.length - 1]);
    String output = tensors.containsKey("output.weight") ? "output.weight" : "token_embd.weight";
    double[] logits = times(output, 0, VOCABULARY, last);
    for (int i = 0; logitCap > 0 && i < VOCABULARY; i++) {
      logits[i] = logitCap * Math.tanh(logits[i] / logitCap);
    }
    return logits;
  }

  private void layer(int layer, double[][] x) {
    String at = "blk." + layer + ".";
    double[][] q = new double[x.length][];
    double[][] k = new double[x.length][];
    double[][] v = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      double[] h = norm(at + "attn_norm", x[t]);
      int kv = KV_HEADS * HEAD;
      if (tensors.containsKey(at + "attn_qkv.weight")) {
        double[] all = plus(at + "attn_qkv", times(at + "attn_qkv.weight", 0, 24 + 2 * kv, h));
        q[t] = Arrays.copyOfRange(all, 0, 24);
        k[t] = Arrays.copyOfRange(all, 24, 24 + kv);
        v[t] = Arrays.copyOfRange(all, 24 + kv, 24 + 2 * kv);
      } else {
        q[t] = plus(at + "attn_q", times(at + "attn_q.weight", 0, HEADS * HEAD, h));
        k[t] = plus(at + "attn_k", times(at + "attn_k.weight", 0, kv, h));
        v[t] = plus(at + "attn_v", times(at + "attn_v.weight", 0, kv, h));
      }
      eachHead(at + "attn_q_norm.weight", q[t], t, layer);
      eachHead(at + "attn_k_norm.weight", k[t], t, layer);
    }
    for (int t = x.length - 1; t >= 0; t--) {
      double[] mixed = attention(layer, t, q[t], k, v);
      double[] out = plus(at + "attn_output", times(at + "attn_output.weight", 0, WIDTH, mixed));
      add(x[t], out, at + "post_attention_norm");
      double[] h = norm(at + "ffn_norm", x[t]);
      double[] middle = feedForward(at, h);
      double[] down = plus(at + "ffn_down", times(at + "ffn_down.weight", 0, WIDTH, middle));
      add(x[t], down, at + "post_ffw_norm");
    }
  }

  private double[] feedForward(String at, double[] h) {
    boolean isFused = get(at + "ffn_up.weight").length == 2 * FEED_FORWARD * WIDTH;
    double[] up = times(at + "ffn_up.weight", isFused ? FEED_FORWARD : 0, FEED_FORWARD, h);
    up = plus(at + "ffn_up", up);
    double[] gate = null;
    if (isFused) {
      gate = times(at + "ffn_up.weight", 0, FEED_FORWARD, h);
    } else if (tensors.containsKey(at + "ffn_gate.weight")) {
      gate = times(at + "ffn_gate.weight", 0, FEED_FORWARD, h);
    }
    for (int i = 0; i < FEED_FORWARD; i++) {
      up[i] =
          gate == null
              ? activation.applyAsDouble(up[i])
              : up[i] * activation.applyAsDouble(gate[i]);
    }
    return up;
  }

  private double[] attention(int layer, int t, double[] q, double[][] k, double[][] v) {
    double[] mixed = new double[HEADS * HEAD];
    int first = isWindowed.test(layer) ? Math.max(0, t - window + 1) : 0;
    for (int head = 0; head < HEADS; head++) {
      int kv = head / (HEADS / KV_HEADS) * HEAD;
      double sum = 0;
      double[] weights = new double[t + 1];
      for (int s = first; s <= t; s++) {
        double score = 0;
        for (int i = 0; i < HEAD; i++) {
          score += q[head * HEAD + i] * k[s][kv + i];
        }
        score /= Math.sqrt(HEAD);
        weights[s] = Math.exp(scoreCap > 0 ? scoreCap * Math.tanh(score / scoreCap) : score);
        sum += weights[s];
      }
      for (int s = first; s <= t; s++) {
        for (int i = 0; i < HEAD; i++) {
          mixed[head * HEAD + i] += weights[s] / sum * v[s][kv + i];
        }
      }
    }
    return mixed;
  }

  /** Normalises and turns each head. */
  private void eachHead(String norm, double[] x, int position, int layer) {
    float @Nullable [] gamma = tensors.get(norm);
    IntUnaryOperator first = i -> isInterleaved ? 2 * i : i;
    int apart = isInterleaved ? 1 : turned / 2;
    for (int from = 0; from < x.length; from += HEAD) {
      if (gamma != null) {
        double[] normed = rootMeanSquare(Arrays.copyOfRange(x, from, from + HEAD), gamma);
        System.arraycopy(normed, 0, x, from, HEAD);
      }
      for (int i = 0; i < turned / 2; i++) {
        double angle = position * angles.of(i, layer);
        int a = from + first.applyAsInt(i);
        double re = x[a];
        double im = x[a + apart];
        x[a] = magnitude * (re * Math.cos(angle) - im * Math.sin(angle));
        x[a + apart] = magnitude * (re * Math.sin(angle) + im * Math.cos(angle));
      }
    }
  }

  private void add(double[] x, double[] y, String norm) {
    double[] normed = tensors.containsKey(norm + ".weight") ? norm(norm, y) : y;
    for (int i = 0; i < x.length; i++) {
      x[i] += normed[i];
    }
  }

  private double[] norm(String name, double[] x) {
    if (!subtractsMean) {
      return rootMeanSquare(x, get(name + ".weight"));
    }
    double mean = Arrays.stream(x).average().orElse(0);
    double[] centred = Arrays.stream(x).map(value -> value - mean).toArray();
    return plus(name, rootMeanSquare(centred, get(name + ".weight")));
  }

  private double[] rootMeanSquare(double[] x, float[] gamma) {
    double square = Arrays.stream(x).map(value -> value * value).average().orElse(0);
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = x[i] / Math.sqrt(square + epsilon) * gamma[i];
    }
    return y;
  }

  /** Some rows of a matrix times a vector. */
  private double[] times(String name, int firstRow, int rows, double[] x) {
    float[] matrix = get(name);
    double[] y = new double[rows];
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < x.length; i++) {
        y[row] += matrix[(firstRow + row) * x.length + i] * x[i];
      }
    }
    return y;
  }

  /** Adds the bias of that name, if there is one. */
  private double[] plus(String name, double[] x) {
    float @Nullable [] bias = tensors.get(name + ".bias");
    for (int i = 0; bias != null && i < x.length; i++) {
      x[i] += bias[i];
    }
    return x;
  }

  private float[] get(String name) {
    float @Nullable [] tensor = tensors.get(name);
    if (tensor == null) {
      throw new AssertionError("no tensor " + name);
    }
    return tensor;
  }
}
