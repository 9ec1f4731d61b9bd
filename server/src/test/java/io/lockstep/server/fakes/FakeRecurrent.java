package io.lockstep.server.fakes;

import io.lockstep.runtime.BatchTraits;
import io.lockstep.runtime.BatchTraits.Axes;
import io.lockstep.runtime.BatchTraits.Mode;
import io.lockstep.runtime.Dimension;
import io.lockstep.runtime.GraphModel;
import io.lockstep.runtime.GraphSession;
import io.lockstep.runtime.ModelSignature;
import io.lockstep.runtime.TensorSpec;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A recurrent model that anybody can compute: {@code x} FLOAT32 [batch] and {@code state} FLOAT32
 * [2, batch] to {@code y} FLOAT32 [batch], the sum of the new state, and {@code stateN}: half the
 * old first element plus x, and the old second element plus the new first one times x. An x of
 * {@link #POISON} breaks the run. The batch may be fixed at one row.
 */
public final class FakeRecurrent implements GraphModel {

  public static final float POISON = -1;

  private static final int WIDTH = 2;

  private final boolean batches;
  private final List<Integer> runs = new ArrayList<>();

  private FakeRecurrent(boolean batches) {
    this.batches = batches;
  }

  public static FakeRecurrent batching() {
    return new FakeRecurrent(true);
  }

  /** Takes one row at a time. */
  public static FakeRecurrent single() {
    return new FakeRecurrent(false);
  }

  /** One step in plain arithmetic: the new state is left in {@code state}, of 2 elements. */
  public static float step(float[] state, float x) {
    state[0] = state[0] * 0.5f + x;
    state[1] = state[1] + state[0] * x;
    return state[0] + state[1];
  }

  /** The rows of every run so far. */
  public List<Integer> runs() {
    return List.copyOf(runs);
  }

  @Override
  public ModelSignature signature() {
    Dimension batch = batches ? Dimension.dynamic("batch") : Dimension.fixed(1);
    List<Dimension> row = List.of(batch);
    List<Dimension> state = List.of(Dimension.fixed(WIDTH), batch);
    return new ModelSignature(
        List.of(
            new TensorSpec("x", DType.FLOAT32, row), new TensorSpec("state", DType.FLOAT32, state)),
        List.of(
            new TensorSpec("y", DType.FLOAT32, row),
            new TensorSpec("stateN", DType.FLOAT32, state)));
  }

  @Override
  public BatchTraits batchTraits() {
    List<Axes> axes =
        batches ? List.of(new Axes(0, -1), new Axes(1, -1)) : List.of(Axes.NONE, Axes.NONE);
    return new BatchTraits(batches ? Mode.SAME_SHAPE : Mode.NONE, axes, axes, -1, "it is made so");
  }

  @Override
  public Map<String, Integer> operators() {
    return Map.of("RNN", 1);
  }

  @Override
  public long parameters() {
    return 1;
  }

  @Override
  public MemoryUse memory() {
    return new MemoryUse(0, 0, 0);
  }

  @Override
  public GraphSession newSession() {
    return new Session();
  }

  @Override
  public void close() {}

  private final class Session implements GraphSession {

    @Override
    public Binding bind(List<Shape> inputShapes) {
      return new Run(inputShapes.getFirst().extent(0));
    }

    @Override
    public long memoryBytes() {
      return 0;
    }

    @Override
    public PlanUse planUse() {
      return PlanUse.NONE;
    }

    @Override
    public void close() {}
  }

  private final class Run implements GraphSession.Binding {

    private final int rows;
    private final Tensor x;
    private final Tensor state;
    private final Tensor y;
    private final Tensor stateN;

    Run(int rows) {
      this.rows = rows;
      x = Tensors.zeros(TensorType.of(DType.FLOAT32, rows));
      state = Tensors.zeros(TensorType.of(DType.FLOAT32, WIDTH, rows));
      y = Tensors.zeros(TensorType.of(DType.FLOAT32, rows));
      stateN = Tensors.zeros(TensorType.of(DType.FLOAT32, WIDTH, rows));
    }

    @Override
    public Tensor input(int index) {
      return index == 0 ? x : state;
    }

    @Override
    public Tensor output(int index) {
      return index == 0 ? y : stateN;
    }

    @Override
    public void run(int items, int[] lengths) {
      runs.add(rows);
      for (int row = 0; row < rows; row++) {
        if (x.getFloat(row) == POISON) {
          throw new ArithmeticException("poisoned");
        }
        float[] own = {state.getFloat(row), state.getFloat(rows + row)};
        y.setFloat(row, step(own, x.getFloat(row)));
        stateN.setFloat(row, own[0]);
        stateN.setFloat(rows + row, own[1]);
      }
    }
  }
}
