package io.lockstep.server.registry;

import io.lockstep.runtime.BatchTraits.Mode;
import io.lockstep.runtime.GraphSession;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.server.batching.BatchRules;
import io.lockstep.server.serving.TensorMemory;
import io.lockstep.server.serving.Ticker;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a model on made-up inputs, so that the first client does not wait for the compiler and for
 * plans: one item and a batch, in the lengths that texts mostly have. Machine code needs no batch
 * of each length: batches come in too many sizes for their plans to be there.
 */
final class WarmUp {

  private static final Logger LOGGER = System.getLogger(WarmUp.class.getName());

  /** Lengths to have plans for; the rest are planned when they come. */
  private static final int[] LENGTHS = {16, 32, 64};

  /** Rows of the batch: enough for every kernel's wide path, without the memory of a full one. */
  private static final int ROWS = 8;

  /** Rounds after which the compiler has had its chance, when it compiles the kernels. */
  private static final int MAX_ROUNDS = 12;

  /** Kernels that are machine code from the start have no more to win than their plans. */
  private static final int EMITTED_ROUNDS = 1;

  private final BatchRules rules;
  private final SyntheticInputs inputs;
  private final Duration maxTime;
  private final boolean emitted;
  private final Ticker ticker;

  /**
   * A way of warming up.
   *
   * @param emitted whether kernels are machine code that the JVM's compiler has no part in
   */
  WarmUp(
      BatchRules rules, SyntheticInputs inputs, Duration maxTime, boolean emitted, Ticker ticker) {
    this.rules = rules;
    this.inputs = inputs;
    this.maxTime = maxTime;
    this.emitted = emitted;
    this.ticker = ticker;
  }

  /** Warms a session up; stops when rounds get no faster, or the time is over. */
  void run(GraphSession session) {
    TrialRun trial = new TrialRun(session, rules, ticker);
    long start = ticker.nanos();
    long fastest = Long.MAX_VALUE;
    int slower = 0;
    int rounds = emitted ? EMITTED_ROUNDS : MAX_ROUNDS;
    for (int round = 0; round < rounds && slower < 2; round++) {
      long before = ticker.nanos();
      for (int length : rules.mode() == Mode.PADDED ? LENGTHS : new int[] {LENGTHS[0]}) {
        if (ticker.nanos() - start >= maxTime.toNanos()) {
          return;
        }
        round(trial, length);
      }
      long nanos = ticker.nanos() - before;
      slower = nanos > fastest * 0.9 ? slower + 1 : 0;
      fastest = Math.min(fastest, nanos);
    }
  }

  private void round(TrialRun trial, int length) {
    int padded = rules.mode() == Mode.PADDED ? rules.paddedLength(length) : 0;
    int rows = Math.min(ROWS, rules.maxBatchRows(length));
    try (TensorMemory memory = new TensorMemory()) {
      List<List<Tensor>> items = new ArrayList<>();
      for (int i = 0; i < rows; i++) {
        items.add(inputs.item(length, i, memory));
      }
      trial.run(items.subList(0, 1), padded, memory);
      if (rows > 1 && (!emitted || length == LENGTHS[0])) {
        trial.run(items, padded, memory);
      }
    } catch (RuntimeException refused) {
      LOGGER.log(Logger.Level.DEBUG, "a made-up input failed while warming up", refused);
    }
  }
}
