package io.lockstep.server.registry;

import io.lockstep.runtime.BatchTraits;
import io.lockstep.runtime.BatchTraits.Axes;
import io.lockstep.runtime.Dimension;
import io.lockstep.runtime.ModelSignature;
import io.lockstep.runtime.TensorSpec;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.server.serving.TensorMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Pattern;

/** Inputs made up for trying a model: of its types and shapes, with harmless values. */
final class SyntheticInputs {

  /** Integers are most often indexes into a table, and few tables are smaller than this. */
  private static final int SMALL_INDEX = 90;

  /** Names of the number of samples a second, of which a model of sound takes one or two. */
  private static final Pattern SAMPLE_RATE = Pattern.compile("sr|sampl(e|ing)_rate");

  private final ModelSignature signature;
  private final BatchTraits traits;
  private final int otherExtent;
  private final int integers;

  private SyntheticInputs(
      ModelSignature signature, BatchTraits traits, int otherExtent, int integers) {
    this.signature = signature;
    this.traits = traits;
    this.otherExtent = otherExtent;
    this.integers = integers;
  }

  /**
   * Ways of making inputs up, likeliest first: what an open axis that is neither batch nor length
   * should be (an image's side, a number of features) cannot be known, only tried.
   */
  static List<SyntheticInputs> candidates(ModelSignature signature, BatchTraits traits) {
    List<SyntheticInputs> candidates = new ArrayList<>();
    for (int extent : new int[] {64, 32, 224, 48, 320, 1, 16, 128, 512}) {
      candidates.add(new SyntheticInputs(signature, traits, extent, SMALL_INDEX));
    }
    candidates.add(new SyntheticInputs(signature, traits, 64, 2));
    return candidates;
  }

  /** One item of this length, where the model has lengths; the same for the same seed. */
  List<Tensor> item(int length, long seed, TensorMemory memory) {
    Random random = new Random(seed);
    List<Tensor> inputs = new ArrayList<>();
    for (int i = 0; i < signature.inputs().size(); i++) {
      TensorSpec spec = signature.inputs().get(i);
      Axes axes = traits.inputs().get(i);
      int[] extents = new int[spec.dimensions().size()];
      for (int axis = 0; axis < extents.length; axis++) {
        Dimension dimension = spec.dimensions().get(axis);
        extents[axis] =
            dimension.isFixed()
                ? dimension.extent()
                : axis == axes.batchAxis() ? 1 : axis == axes.lengthAxis() ? length : otherExtent;
      }
      Tensor tensor = memory.allocate(new TensorType(spec.dtype(), Shape.of(extents)));
      // Inputs that all items of a run share must not differ between them.
      fill(tensor, spec.name(), axes.batchAxis() < 0 ? new Random(7) : random);
      inputs.add(tensor);
    }
    return inputs;
  }

  private void fill(Tensor tensor, String name, Random random) {
    String lower = name.toLowerCase(Locale.ROOT);
    for (long i = 0; i < tensor.size(); i++) {
      if (tensor.dtype() == DType.STRING) {
        tensor.setString(i, "a");
      } else if (lower.contains("mask")) {
        tensor.setFromLong(i, 1);
      } else if (lower.contains("type") || lower.contains("segment")) {
        tensor.setFromLong(i, 0);
      } else if (tensor.shape().rank() == 0 && SAMPLE_RATE.matcher(lower).matches()) {
        tensor.setFromLong(i, 16_000);
      } else if (tensor.dtype().isFloat()) {
        tensor.setFromDouble(i, random.nextDouble() * 2 - 1);
      } else if (tensor.dtype() == DType.BOOL) {
        tensor.setBoolean(i, random.nextBoolean());
      } else {
        tensor.setFromLong(i, random.nextInt(integers));
      }
    }
  }
}
