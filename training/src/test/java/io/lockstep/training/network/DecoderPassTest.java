package io.lockstep.training.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.KernelBackends;
import io.lockstep.runtime.RuntimeOptions.KernelChoice;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.training.optimizer.AdamW;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Gradients against finite differences, and what they are for: a loss that falls. */
class DecoderPassTest {

  private static final DecoderShape SHAPE = new DecoderShape(48, 32, 2, 4, 2, 8, 64, 160);
  private static final int SEQUENCES = 2;
  private static final int LENGTH = 150; // more than a block of rows, and off every lane multiple

  private final ParameterLayout layout = new ParameterLayout(SHAPE);
  private final MemorySegment weights = InitialWeights.draw(SHAPE, layout, 11);
  private final int[] tokens = new int[SEQUENCES * LENGTH];
  private final int[] targets = new int[SEQUENCES * LENGTH];

  DecoderPassTest() {
    Random random = new Random(5);
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = random.nextInt(SHAPE.vocabulary());
      targets[i] = i % 7 == 0 ? DecoderPass.NO_TARGET : random.nextInt(SHAPE.vocabulary());
    }
    // Larger weights than at the start of a training, so that attention looks somewhere.
    for (ParameterLayout.Slice slice : layout.slices()) {
      for (long i = slice.offset(); slice.isMatrix() && i < slice.offset() + slice.count(); i++) {
        Floats.set(weights, i, 8 * Floats.get(weights, i));
      }
    }
  }

  private static DecoderPass pass(KernelChoice choice) {
    KernelSet kernels = KernelBackends.select(choice).kernels();
    return new DecoderPass(SHAPE, kernels, SEQUENCES, LENGTH);
  }

  /** The norm of a tensor's gradient is the slope of the loss along its direction. */
  @ParameterizedTest
  @EnumSource(names = {"SCALAR", "AUTO"})
  void gradientsAreSlopesOfTheLoss(KernelChoice choice) {
    DecoderPass pass = pass(choice);
    MemorySegment gradient = Floats.zeros(layout.count());
    float scale = 1f / tokens.length;
    pass.lossAndGradient(weights, tokens, targets, scale, gradient);
    for (ParameterLayout.Slice slice : layout.slices()) {
      double norm = norm(gradient, slice);
      double step = 0.002 * norm(weights, slice);
      double up = lossAlong(pass, slice, gradient, step / norm);
      double down = lossAlong(pass, slice, gradient, -step / norm);
      double slope = (up - down) / (2 * step) * scale;
      assertEquals(1, slope / norm, 0.02, slice.name() + ": " + slope + " against " + norm);
    }
  }

  private double lossAlong(
      DecoderPass pass, ParameterLayout.Slice slice, MemorySegment direction, double factor) {
    MemorySegment moved = Floats.zeros(layout.count());
    moved.copyFrom(weights);
    for (long i = slice.offset(); i < slice.offset() + slice.count(); i++) {
      double move = factor * Floats.get(direction, i);
      Floats.set(moved, i, (float) (Floats.get(weights, i) + move));
    }
    return pass.loss(moved, tokens, targets);
  }

  private static double norm(MemorySegment array, ParameterLayout.Slice slice) {
    double squares = 0;
    for (long i = slice.offset(); i < slice.offset() + slice.count(); i++) {
      squares += (double) Floats.get(array, i) * Floats.get(array, i);
    }
    return Math.sqrt(squares);
  }

  @ParameterizedTest
  @EnumSource(names = {"SCALAR", "AUTO"})
  void laterTokensChangeNoEarlierLogits(KernelChoice choice) {
    DecoderPass pass = pass(choice);
    float[] before = pass.logits(weights, tokens).toArray(ValueLayout.JAVA_FLOAT);
    int changed = 100;
    tokens[changed] = (tokens[changed] + 1) % SHAPE.vocabulary();
    float[] after = pass.logits(weights, tokens).toArray(ValueLayout.JAVA_FLOAT);
    int columns = SHAPE.vocabulary();
    for (int row = 0; row < tokens.length; row++) {
      boolean sees = row >= changed && row < LENGTH;
      boolean isSame = true;
      for (int i = row * columns; i < (row + 1) * columns; i++) {
        isSame &= before[i] == after[i];
      }
      assertEquals(!sees, isSame, "row " + row);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"AUTO"})
  void equalPassesGiveEqualBits(KernelChoice choice) {
    DecoderPass pass = pass(choice);
    MemorySegment first = Floats.zeros(layout.count());
    MemorySegment second = Floats.zeros(layout.count());
    pass.lossAndGradient(weights, tokens, targets, 1, first);
    pass.lossAndGradient(weights, tokens, targets, 1, second);
    assertArrayEquals(
        first.toArray(ValueLayout.JAVA_FLOAT), second.toArray(ValueLayout.JAVA_FLOAT));
  }

  @ParameterizedTest
  @EnumSource(names = {"AUTO"})
  void oneBatchIsLearntByHeart(KernelChoice choice) {
    DecoderPass pass = pass(choice);
    MemorySegment learnt = InitialWeights.draw(SHAPE, layout, 3);
    MemorySegment gradient = Floats.zeros(layout.count());
    AdamW optimizer = new AdamW(layout);
    int counted = 0;
    for (int target : targets) {
      counted += target == DecoderPass.NO_TARGET ? 0 : 1;
    }
    double loss = 0;
    for (int update = 0; update < 150; update++) {
      loss = pass.lossAndGradient(learnt, tokens, targets, 1f / counted, gradient) / counted;
      optimizer.step(learnt, gradient, 1, 0.01f);
    }
    assertTrue(loss < 0.2, "random targets cost " + loss + " each, 3.9 before");
  }
}
