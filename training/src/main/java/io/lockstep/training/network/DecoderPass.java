package io.lockstep.training.network;

import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.kernel.Reduce;
import io.lockstep.training.network.ParameterLayout.Slice;
import io.lockstep.training.network.Products.Matrix;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Forward and backward pass of a decoder over a few sequences of one length, with the memory for
 * what the way back needs. Used by one thread; equal inputs give equal bits on equal kernels.
 */
public final class DecoderPass {

  /** A target that does not count. */
  public static final int NO_TARGET = -1;

  private final DecoderShape shape;
  private final ParameterLayout layout;
  private final KernelSet kernels;
  private final int rows; // sequences * length
  private final Products products;
  private final CausalAttention attention;
  private final RootMeanSquareNorm norm;
  private final GatedUnit gatedUnit;
  private final List<LayerMemory> layers = new ArrayList<>();
  private final MemorySegment last; // [rows, width], what the last layer gives
  private final MemorySegment lastNormed; // [rows, width]
  private final MemorySegment logits; // [rows, vocabulary]
  private final MemorySegment projected; // [rows, width]
  private final MemorySegment stateGradient; // [rows, width]
  private final MemorySegment normedGradient; // [rows, width]
  private final MemorySegment qkvGradient; // [rows, qkvWidth]
  private final MemorySegment attendedGradient; // [rows, heads * headSize]
  private final MemorySegment hiddenGradient; // [rows, feedForward]

  /**
   * What a layer keeps for the way back.
   *
   * @param state [rows, width], its input
   * @param attentionNormed [rows, width]
   * @param qkv [rows, qkvWidth]
   * @param probabilities see {@link CausalAttention}
   * @param attended [rows, heads * headSize]
   * @param middle [rows, width], the state between its halves
   * @param feedForwardNormed [rows, width]
   * @param gateUp [rows, 2 * feedForward]
   * @param hidden [rows, feedForward]
   */
  private record LayerMemory(
      MemorySegment state,
      MemorySegment attentionNormed,
      MemorySegment qkv,
      MemorySegment probabilities,
      MemorySegment attended,
      MemorySegment middle,
      MemorySegment feedForwardNormed,
      MemorySegment gateUp,
      MemorySegment hidden) {}

  public DecoderPass(DecoderShape shape, KernelSet kernels, int sequences, int length) {
    this.shape = shape;
    this.layout = new ParameterLayout(shape);
    this.kernels = kernels;
    this.rows = sequences * length;
    this.products = new Products(kernels.gemm());
    this.attention = new CausalAttention(shape, sequences, length, products, kernels.reduce());
    this.norm = new RootMeanSquareNorm(kernels.reduce(), shape.width());
    this.gatedUnit = new GatedUnit(kernels.elementwise(), shape.feedForward());
    for (int i = 0; i < shape.layers(); i++) {
      layers.add(
          new LayerMemory(
              matrix(shape.width()),
              matrix(shape.width()),
              matrix(shape.qkvWidth()),
              Floats.zeros(CausalAttention.probabilityCount(shape, sequences, length)),
              matrix(shape.queryWidth()),
              matrix(shape.width()),
              matrix(shape.width()),
              matrix(2 * shape.feedForward()),
              matrix(shape.feedForward())));
    }
    this.last = matrix(shape.width());
    this.lastNormed = matrix(shape.width());
    this.logits = matrix(shape.vocabulary());
    this.projected = matrix(shape.width());
    this.stateGradient = matrix(shape.width());
    this.normedGradient = matrix(shape.width());
    this.qkvGradient = matrix(shape.qkvWidth());
    this.attendedGradient = matrix(shape.queryWidth());
    this.hiddenGradient = matrix(shape.feedForward());
  }

  private MemorySegment matrix(int columns) {
    return Floats.zeros((long) rows * columns);
  }

  /**
   * The sum of the targets' negative log probabilities.
   *
   * @param weights float [parameters], see {@link ParameterLayout}
   * @param tokens [sequences * length]
   * @param targets [sequences * length], the tokens that follow, or {@link #NO_TARGET}
   */
  public double loss(MemorySegment weights, int[] tokens, int[] targets) {
    forward(weights, tokens);
    return crossEntropy(targets, 0);
  }

  /**
   * The loss, and its gradient.
   *
   * @param scale factor of the gradient, such as one over the number of targets
   * @param gradient float [parameters], overwritten
   */
  public double lossAndGradient(
      MemorySegment weights, int[] tokens, int[] targets, float scale, MemorySegment gradient) {
    forward(weights, tokens);
    double loss = crossEntropy(targets, scale);
    backward(weights, tokens, gradient);
    return loss;
  }

  /** Logits of the tokens after each, float [rows, vocabulary], until the next call. */
  public MemorySegment logits(MemorySegment weights, int[] tokens) {
    forward(weights, tokens);
    return logits;
  }

  private void forward(MemorySegment weights, int[] tokens) {
    int width = shape.width();
    for (int row = 0; row < rows; row++) {
      long from = layout.embedding().offset() + (long) tokens[row] * width;
      Floats.copy(weights, from, input(0), (long) row * width, width);
    }
    for (int i = 0; i < shape.layers(); i++) {
      forward(weights, layout.layer(i), layers.get(i), input(i + 1));
    }
    norm.forward(rows, vector(weights, layout.outputNorm()), last, lastNormed);
    products.forward(
        rows, width, shape.vocabulary(), lastNormed, at(weights, layout.embedding()), logits);
  }

  /** Where the input of a layer stands; that of the one after the last is the result. */
  private MemorySegment input(int layer) {
    return layer == shape.layers() ? last : layers.get(layer).state();
  }

  private void forward(
      MemorySegment weights, ParameterLayout.Layer w, LayerMemory m, MemorySegment result) {
    int width = shape.width();
    int hidden = shape.feedForward();
    norm.forward(rows, vector(weights, w.attentionNorm()), m.state(), m.attentionNormed());
    products.forward(
        rows, width, shape.qkvWidth(), m.attentionNormed(), at(weights, w.query()), m.qkv());
    attention.forward(m.qkv(), m.probabilities(), m.attended());
    products.forward(
        rows, shape.queryWidth(), width, m.attended(), at(weights, w.attentionOutput()), projected);
    add(m.state(), projected, m.middle());
    norm.forward(rows, vector(weights, w.feedForwardNorm()), m.middle(), m.feedForwardNormed());
    products.forward(
        rows, width, 2 * hidden, m.feedForwardNormed(), at(weights, w.gate()), m.gateUp());
    gatedUnit.forward(rows, m.gateUp(), m.hidden());
    products.forward(rows, hidden, width, m.hidden(), at(weights, w.down()), projected);
    add(m.middle(), projected, result);
  }

  private void add(MemorySegment x, MemorySegment y, MemorySegment sum) {
    long count = (long) rows * shape.width();
    kernels.elementwise().binary(BinaryFunction.ADD, x, 0, y, 0, sum, 0, count);
  }

  /** Takes the loss of the logits and turns them into its gradient times {@code scale}. */
  private double crossEntropy(int[] targets, float scale) {
    int columns = shape.vocabulary();
    double loss = 0;
    for (int row = 0; row < rows; row++) {
      long at = (long) row * columns;
      if (targets[row] == NO_TARGET) {
        Floats.slice(logits, at, columns).fill((byte) 0);
        continue;
      }
      var extent = new Reduce.Extent(1, columns, 1);
      kernels.reduce().softmax(extent, logits, at, logits, at);
      float probability = Floats.get(logits, at + targets[row]);
      loss -= StrictMath.log(Math.max(probability, Float.MIN_NORMAL));
      Floats.set(logits, at + targets[row], probability - 1);
      kernels
          .elementwise()
          .binaryScalarRight(BinaryFunction.MUL, logits, at, scale, logits, at, columns);
    }
    return loss;
  }

  private void backward(MemorySegment weights, int[] tokens, MemorySegment gradient) {
    int width = shape.width();
    int vocabulary = shape.vocabulary();
    Slice embedding = layout.embedding();
    products.toInputs(rows, width, vocabulary, logits, at(weights, embedding), normedGradient);
    products.toWeights(rows, width, vocabulary, logits, lastNormed, at(gradient, embedding));
    stateGradient.fill((byte) 0);
    backwardNorm(weights, layout.outputNorm(), last, gradient);
    for (int i = shape.layers() - 1; i >= 0; i--) {
      backwardFeedForward(weights, layout.layer(i), layers.get(i), gradient);
      backwardAttention(weights, layout.layer(i), layers.get(i), gradient);
    }
    for (int row = 0; row < rows; row++) {
      long to = embedding.offset() + (long) tokens[row] * width;
      kernels
          .elementwise()
          .binary(
              BinaryFunction.ADD,
              gradient,
              to,
              stateGradient,
              (long) row * width,
              gradient,
              to,
              width);
    }
  }

  /** Adds to the state's gradient what comes from the gradient of what was normed. */
  private void backwardNorm(
      MemorySegment weights, Slice gamma, MemorySegment x, MemorySegment gradient) {
    norm.backward(
        rows, vector(weights, gamma), x, normedGradient, stateGradient, gradient, gamma.offset());
  }

  private void backwardFeedForward(
      MemorySegment weights, ParameterLayout.Layer w, LayerMemory m, MemorySegment gradient) {
    int width = shape.width();
    int hidden = shape.feedForward();
    products.toInputs(rows, hidden, width, stateGradient, at(weights, w.down()), hiddenGradient);
    products.toWeights(rows, hidden, width, stateGradient, m.hidden(), at(gradient, w.down()));
    gatedUnit.backward(rows, m.gateUp(), hiddenGradient);
    products.toInputs(rows, width, 2 * hidden, m.gateUp(), at(weights, w.gate()), normedGradient);
    products.toWeights(
        rows, width, 2 * hidden, m.gateUp(), m.feedForwardNormed(), at(gradient, w.gate()));
    backwardNorm(weights, w.feedForwardNorm(), m.middle(), gradient);
  }

  private void backwardAttention(
      MemorySegment weights, ParameterLayout.Layer w, LayerMemory m, MemorySegment gradient) {
    int width = shape.width();
    int queries = shape.queryWidth();
    int qkv = shape.qkvWidth();
    Slice output = w.attentionOutput();
    products.toInputs(rows, queries, width, stateGradient, at(weights, output), attendedGradient);
    products.toWeights(rows, queries, width, stateGradient, m.attended(), at(gradient, output));
    attention.backward(m.qkv(), m.probabilities(), m.attended(), attendedGradient, qkvGradient);
    products.toInputs(rows, width, qkv, qkvGradient, at(weights, w.query()), normedGradient);
    products.toWeights(rows, width, qkv, qkvGradient, m.attentionNormed(), at(gradient, w.query()));
    backwardNorm(weights, w.attentionNorm(), m.state(), gradient);
  }

  private static Matrix at(MemorySegment parameters, Slice slice) {
    return new Matrix(parameters, slice.offset(), slice.columns());
  }

  private static MemorySegment vector(MemorySegment parameters, Slice slice) {
    return Floats.slice(parameters, slice.offset(), slice.count());
  }
}
