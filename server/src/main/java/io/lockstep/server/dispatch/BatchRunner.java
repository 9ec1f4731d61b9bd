package io.lockstep.server.dispatch;

import io.lockstep.runtime.BatchTraits.Mode;
import io.lockstep.runtime.GraphSession;
import io.lockstep.runtime.GraphSession.Binding;
import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.server.batching.Batch;
import io.lockstep.server.batching.BatchAssembler;
import io.lockstep.server.batching.BatchRules;
import io.lockstep.server.batching.PendingRequest.Answer;
import io.lockstep.server.batching.RequestPart;
import io.lockstep.server.serving.BatchInfo;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.TensorMemory;
import io.lockstep.server.serving.Ticker;
import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Takes batches through one session: gather, run, scatter, hand over. */
final class BatchRunner implements AutoCloseable {

  private static final Logger LOGGER = System.getLogger(BatchRunner.class.getName());

  private final String model;
  private final GraphSession session;
  private final BatchRules rules;
  private final BatchAssembler assembler;
  private final Ticker ticker;
  private final RunObserver observer;
  private final AtomicBoolean faultLogged;

  /**
   * A runner.
   *
   * @param model its name and version, for the log
   * @param faultLogged shared by the instances of a version: the first fault is logged in full
   */
  BatchRunner(
      String model,
      GraphSession session,
      BatchRules rules,
      Ticker ticker,
      RunObserver observer,
      AtomicBoolean faultLogged) {
    this.model = model;
    this.session = session;
    this.rules = rules;
    this.assembler = new BatchAssembler(rules);
    this.ticker = ticker;
    this.observer = observer;
    this.faultLogged = faultLogged;
  }

  @Override
  public void close() {
    session.close();
  }

  /** Runs a batch; every member is answered or has failed afterwards. */
  void run(Batch<RequestPart> batch) {
    long now = ticker.nanos();
    for (RequestPart part : batch.members()) {
      part.request().releaseRoom(part);
      part.request().request().clock().mark(Phase.QUEUE, now);
    }
    observer.meters().batchFormed(batch.rows(), batch.members().size(), batch.reason());
    RequestPart first = batch.members().getFirst();
    int padded = rules.paddedLength(rules.length(first.request().inputs()));
    BatchInfo info = new BatchInfo(batch.rows(), batch.members().size(), padded, batch.reason());
    runOrSeparate(batch.members(), info);
  }

  /**
   * Runs members together. When that fails they run one by one, so that only the guilty one fails;
   * and a lone one that was padded runs at its own length, in case padding took it beyond what the
   * model can.
   */
  private void runOrSeparate(List<RequestPart> members, BatchInfo info) {
    RuntimeException problem;
    try {
      runTogether(members, info);
      return;
    } catch (RuntimeException caught) {
      problem = caught;
    }
    RequestPart first = members.getFirst();
    int ownLength = rules.length(first.request().inputs());
    if (members.size() > 1) {
      for (RequestPart part : members) {
        int padded = rules.paddedLength(rules.length(part.request().inputs()));
        runOrSeparate(List.of(part), new BatchInfo(part.rows(), 1, padded, info.reason()));
      }
    } else if (info.paddedLength() != ownLength) {
      runOrSeparate(members, new BatchInfo(info.rows(), 1, ownLength, info.reason()));
    } else {
      first.request().failStep(failure(problem));
    }
  }

  private void runTogether(List<RequestPart> members, BatchInfo info) {
    int padded = info.paddedLength();
    final long start = ticker.nanos();
    Binding run = session.bind(assembler.inputShapes(members, info.rows(), padded));
    assembler.gather(members, run);
    int[] lengths = assembler.validLengths(members, info.rows(), padded);
    final long assembled = mark(members, Phase.ASSEMBLE);
    run.run(rules.hasBatchAxis() ? info.rows() : 1, lengths);
    final long inferred = mark(members, Phase.INFER);
    List<Answer> answers = scatter(members, run, info);
    final long split = mark(members, Phase.SPLIT);
    observer.ran(
        members,
        info,
        new RunObserver.Times(start, assembled, inferred, split, ticker.epochMillis()));
    countPadding(members, info);
    for (int i = 0; i < members.size(); i++) {
      members.get(i).request().partAnswered(members.get(i), answers.get(i));
    }
  }

  private List<Answer> scatter(List<RequestPart> members, Binding run, BatchInfo info) {
    List<Answer> answers = new ArrayList<>();
    try {
      int row = 0;
      for (RequestPart part : members) {
        TensorMemory memory = new TensorMemory();
        answers.add(new Answer(List.of(), memory, info));
        answers.set(
            answers.size() - 1,
            new Answer(
                assembler.scatter(run, part, row, info.paddedLength(), memory), memory, info));
        part.request().prepareState(assembler, run, row);
        row += part.rows();
      }
      return answers;
    } catch (RuntimeException problem) {
      answers.forEach(answer -> answer.memory().close());
      throw problem;
    }
  }

  private long mark(List<RequestPart> members, Phase phase) {
    long now = ticker.nanos();
    for (RequestPart part : members) {
      part.request().request().clock().mark(phase, now);
    }
    return now;
  }

  private void countPadding(List<RequestPart> members, BatchInfo info) {
    if (rules.mode() != Mode.PADDED || info.paddedLength() == 0) {
      return;
    }
    long valid = 0;
    for (RequestPart part : members) {
      valid += (long) part.rows() * rules.length(part.request().inputs());
    }
    observer.meters().batchPadded(valid, (long) info.rows() * info.paddedLength() - valid);
  }

  private ServingException failure(RuntimeException problem) {
    return switch (problem) {
      case InvalidInputException refused -> ServingException.invalid(message(refused));
      case ServingException told -> told;
      default -> {
        observer.meters().runFailed();
        if (faultLogged.compareAndSet(false, true)) {
          LOGGER.log(
              Logger.Level.ERROR,
              "a run of " + model + " failed; further ones are counted",
              problem);
        }
        yield new ServingException(ErrorCode.INTERNAL, "the model failed to run");
      }
    };
  }

  private static String message(InvalidInputException refused) {
    String message = refused.getMessage();
    return message == null ? "the model refused an input" : message;
  }
}
