package io.lockstep.server.fakes;

import io.lockstep.runtime.BatchTraits;
import io.lockstep.runtime.BatchTraits.Axes;
import io.lockstep.runtime.BatchTraits.Mode;
import io.lockstep.runtime.Dimension;
import io.lockstep.runtime.GraphModel;
import io.lockstep.runtime.GraphSession;
import io.lockstep.runtime.ModelSignature;
import io.lockstep.runtime.TensorSpec;
import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A text model that anybody can compute: {@code input_ids} and {@code attention_mask}, both INT64
 * [batch, length], to {@code tokens} FLOAT32 [batch, length, 2], holding each id and the sum of its
 * row's valid ids, and {@code sum} FLOAT32 [batch]. An id of {@link #GUILTY} is refused as out of
 * range, one of {@link #POISON} breaks the run.
 */
public final class FakeModel implements GraphModel {

  public static final long GUILTY = -1;
  public static final long POISON = -2;

  /** What may be wrong with the model. */
  public enum Flaw {
    NONE,
    /** Padding takes part in the sums. */
    SUMS_PADDING,
    /** A row's answer depends on how many rows there are. */
    COUNTS_NEIGHBOURS
  }

  private final Mode mode;
  private final Flaw flaw;
  private final float scale;
  private final AtomicInteger openSessions = new AtomicInteger();
  private final List<Shape> runs = new ArrayList<>();
  private volatile boolean closed;
  private volatile Runnable whileRunning = () -> {};

  public FakeModel(Mode mode, Flaw flaw, float scale) {
    this.mode = mode;
    this.flaw = flaw;
    this.scale = scale;
  }

  public static FakeModel padded() {
    return new FakeModel(Mode.PADDED, Flaw.NONE, 1);
  }

  /** Does something in the middle of every run from here on. */
  public void whileRunning(Runnable action) {
    whileRunning = action;
  }

  /** The shape of the ids of every run so far. */
  public synchronized List<Shape> runs() {
    return List.copyOf(runs);
  }

  private synchronized void noteRun(Shape shape) {
    runs.add(shape);
  }

  public int openSessions() {
    return openSessions.get();
  }

  public boolean isClosed() {
    return closed;
  }

  @Override
  public ModelSignature signature() {
    List<Dimension> text = List.of(Dimension.dynamic("batch"), Dimension.dynamic("length"));
    return new ModelSignature(
        List.of(
            new TensorSpec("input_ids", DType.INT64, text),
            new TensorSpec("attention_mask", DType.INT64, text)),
        List.of(
            new TensorSpec(
                "tokens",
                DType.FLOAT32,
                List.of(
                    Dimension.dynamic("batch"), Dimension.dynamic("length"), Dimension.fixed(2))),
            new TensorSpec("sum", DType.FLOAT32, List.of(Dimension.dynamic("batch")))));
  }

  @Override
  public BatchTraits batchTraits() {
    Axes text = new Axes(0, 1);
    return new BatchTraits(
        mode, List.of(text, text), List.of(text, new Axes(0, -1)), 1, "it is made so");
  }

  @Override
  public Map<String, Integer> operators() {
    return Map.of("Sum", 1);
  }

  @Override
  public long parameters() {
    return 7;
  }

  @Override
  public MemoryUse memory() {
    return new MemoryUse(700, 0, 100L * openSessions.get());
  }

  @Override
  public GraphSession newSession() {
    openSessions.incrementAndGet();
    return new Session();
  }

  @Override
  public void close() {
    if (openSessions.get() > 0 || closed) {
      throw new IllegalStateException("closed twice, or before its sessions");
    }
    closed = true;
  }

  private final class Session implements GraphSession {

    private boolean open = true;

    @Override
    public Binding bind(List<Shape> inputShapes) {
      if (!open || closed) {
        throw new IllegalStateException("bound after closing");
      }
      return new Run(inputShapes.getFirst());
    }

    @Override
    public long memoryBytes() {
      return 100;
    }

    @Override
    public PlanUse planUse() {
      return PlanUse.NONE;
    }

    @Override
    public void close() {
      if (!open) {
        throw new IllegalStateException("session closed twice");
      }
      open = false;
      openSessions.decrementAndGet();
    }
  }

  private final class Run implements GraphSession.Binding {

    private final Tensor ids;
    private final Tensor mask;
    private final Tensor tokens;
    private final Tensor sum;

    Run(Shape text) {
      ids = Tensors.zeros(new TensorType(DType.INT64, text));
      mask = Tensors.zeros(new TensorType(DType.INT64, text));
      int rows = text.extent(0);
      tokens = Tensors.zeros(TensorType.of(DType.FLOAT32, rows, text.extent(1), 2));
      sum = Tensors.zeros(TensorType.of(DType.FLOAT32, rows));
      for (long i = 0; i < ids.size(); i++) {
        ids.setLong(i, 0xDEAD); // input memory is not promised to be clean
        mask.setLong(i, 0xDEAD);
      }
    }

    @Override
    public Tensor input(int index) {
      return index == 0 ? ids : mask;
    }

    @Override
    public Tensor output(int index) {
      return index == 0 ? tokens : sum;
    }

    @Override
    public void run(int items, int[] lengths) {
      noteRun(ids.shape());
      whileRunning.run();
      int rows = ids.shape().extent(0);
      int length = ids.shape().extent(1);
      for (int row = 0; row < rows; row++) {
        int valid = lengths == null ? length : lengths[row];
        float total = flaw == Flaw.COUNTS_NEIGHBOURS ? rows : 0;
        for (int i = 0; i < length; i++) {
          long at = (long) row * length + i;
          long id = ids.getLong(at);
          if (id == GUILTY) {
            throw new InvalidInputException("token id -1 is out of range");
          }
          if (id == POISON) {
            throw new ArithmeticException("poisoned");
          }
          boolean isPadding = i >= valid;
          if (isPadding && (id != 0 || mask.getLong(at) != 0)) {
            throw new IllegalStateException("padding is not zero");
          }
          total += flaw == Flaw.SUMS_PADDING && isPadding ? 1 : (float) (id * mask.getLong(at));
        }
        sum.setFloat(row, total * scale);
        for (int i = 0; i < length; i++) {
          long at = (long) row * length + i;
          tokens.setFloat(2 * at, (float) ids.getLong(at));
          tokens.setFloat(2 * at + 1, total * scale);
        }
      }
    }
  }
}
