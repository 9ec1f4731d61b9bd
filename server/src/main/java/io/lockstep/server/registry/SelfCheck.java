package io.lockstep.server.registry;

import io.lockstep.runtime.BatchTraits;
import io.lockstep.runtime.BatchTraits.Mode;
import io.lockstep.runtime.GraphSession;
import io.lockstep.runtime.ModelSignature;
import io.lockstep.runtime.error.ModelException;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.server.batching.BatchRules;
import io.lockstep.server.batching.LengthBuckets;
import io.lockstep.server.serving.TensorMemory;
import io.lockstep.server.serving.Ticker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Finds out, with made-up inputs, whether a model answers an item in a batch with the very bits it
 * answers it with alone. The model's structure says that it does; this is the proof on the machine
 * and the kernels at hand, and what takes a model that does not back to the next stricter way.
 */
final class SelfCheck {

  /** Lengths of the items of one run: short, odd, and filling the bucket. */
  private static final int[][] LENGTHS = {{5, 16, 11}, {33, 3, 48}};

  private final ModelSignature signature;
  private final GraphSession session;
  private final Ticker ticker;

  /**
   * What was found.
   *
   * @param traits with the mode that held
   * @param inputs a way of making inputs up that the model takes, for warming up
   * @param finding for the log: empty when the model's own mode held
   */
  record Result(BatchTraits traits, Optional<SyntheticInputs> inputs, String finding) {}

  SelfCheck(ModelSignature signature, GraphSession session, Ticker ticker) {
    this.signature = signature;
    this.session = session;
    this.ticker = ticker;
  }

  /** Checks the modes from the one in {@code traits} down until one holds. */
  Result run(BatchTraits traits) {
    Optional<SyntheticInputs> inputs = usableInputs(traits);
    if (inputs.isEmpty()) {
      return new Result(traits, inputs, "no made-up input suits it: its batching is not checked");
    }
    BatchTraits current = traits;
    while (current.mode() != Mode.NONE && !holds(current, inputs.get())) {
      current = stricter(current);
    }
    String finding =
        current.mode() == traits.mode()
            ? ""
            : "bits differ between a batch and its items alone: batching is "
                + current.mode()
                + " instead of "
                + traits.mode();
    return new Result(current, inputs, finding);
  }

  private static BatchTraits stricter(BatchTraits traits) {
    Mode next = traits.mode() == Mode.PADDED ? Mode.SAME_SHAPE : Mode.NONE;
    return new BatchTraits(
        next, traits.inputs(), traits.outputs(), traits.maskInput(), "the self check failed");
  }

  private Optional<SyntheticInputs> usableInputs(BatchTraits traits) {
    TrialRun trial = trial(traits);
    for (SyntheticInputs candidate : SyntheticInputs.candidates(signature, traits)) {
      try (TensorMemory memory = new TensorMemory()) {
        trial.run(List.of(candidate.item(16, 1, memory)), 0, memory);
        return Optional.of(candidate);
      } catch (RuntimeException unsuitable) {
        // The next candidate may do; what no input of ours can do, one of a client still may.
      }
    }
    return Optional.empty();
  }

  private boolean holds(BatchTraits traits, SyntheticInputs inputs) {
    TrialRun trial = trial(traits);
    boolean isPadded = traits.mode() == Mode.PADDED;
    for (int[] lengths : LENGTHS) {
      int longest = Arrays.stream(lengths).max().orElseThrow();
      try (TensorMemory memory = new TensorMemory()) {
        List<List<Tensor>> items = new ArrayList<>();
        List<List<Tensor>> alone = new ArrayList<>();
        for (int i = 0; i < lengths.length; i++) {
          items.add(inputs.item(isPadded ? lengths[i] : longest, i + 1, memory));
          int own = isPadded ? lengths[i] : 0;
          alone.add(trial.run(List.of(items.get(i)), own, memory).getFirst());
        }
        List<List<Tensor>> together = trial.run(items, isPadded ? longest : 0, memory);
        if (!sameBits(alone, together)) {
          return false;
        }
      } catch (ModelException refused) {
        // Shapes or values of our own making that the model does not take prove nothing.
        return traits.mode() != Mode.PADDED;
      } catch (RuntimeException broken) {
        return false;
      }
    }
    return true;
  }

  private TrialRun trial(BatchTraits traits) {
    LengthBuckets buckets = LengthBuckets.of(List.of(), Integer.MAX_VALUE);
    return new TrialRun(session, new BatchRules(traits, buckets, 8, Integer.MAX_VALUE), ticker);
  }

  private static boolean sameBits(List<List<Tensor>> alone, List<List<Tensor>> together) {
    for (int item = 0; item < alone.size(); item++) {
      for (int output = 0; output < alone.get(item).size(); output++) {
        Tensor a = alone.get(item).get(output);
        Tensor b = together.get(item).get(output);
        boolean same =
            a.type().equals(b.type())
                && (a.dtype() == DType.STRING
                    ? Arrays.deepEquals(a.strings(), b.strings())
                    : a.segment().mismatch(b.segment()) < 0);
        if (!same) {
          return false;
        }
      }
    }
    return true;
  }
}
