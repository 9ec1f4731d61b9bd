package io.lockstep.loadtest.graph;

import io.lockstep.runtime.GraphModel;
import io.lockstep.runtime.GraphModel.MemoryUse;
import io.lockstep.runtime.GraphSession;
import io.lockstep.runtime.GraphSession.Binding;
import io.lockstep.runtime.ModelLoader;
import io.lockstep.runtime.RuntimeOptions;
import io.lockstep.runtime.kernel.ThreadedPool;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** The engine of this project, through the interface that the server uses. */
final class LockstepEngine implements Engine {

  private record Loaded(GraphModel model, GraphSession session, Binding binding) {}

  private final ThreadedPool pool;
  private final List<Loaded> copies = new ArrayList<>();
  private final List<MemorySegment> inputs = new ArrayList<>();
  private final int items;
  private int turn;

  LockstepEngine(GraphCase work, EngineOptions options) {
    pool = new ThreadedPool(options.threads());
    RuntimeOptions chosen = RuntimeOptions.defaults().withPool(pool).withKernels(options.kernels());
    List<Shape> shapes = work.inputs().stream().map(input -> Shape.ofLongs(input.shape())).toList();
    items = work.inputs().getFirst().batch();
    for (CaseInput input : work.inputs()) {
      inputs.add(MemorySegment.ofBuffer(input.contents(inputs.size())));
    }
    for (int i = 0; i < work.copies(); i++) {
      GraphModel model = ModelLoader.load(work.file(), chosen);
      GraphSession session = model.newSession();
      copies.add(new Loaded(model, session, session.bind(shapes)));
    }
  }

  @Override
  public void run() {
    turn = (turn + 1) % copies.size();
    Binding binding = copies.get(turn).binding();
    for (int i = 0; i < inputs.size(); i++) {
      MemorySegment from = inputs.get(i);
      MemorySegment.copy(from, 0, binding.input(i).segment(), 0, from.byteSize());
    }
    binding.run(items, null);
  }

  @Override
  public FloatBuffer output() {
    Tensor output = copies.get(turn).binding().output(0);
    FloatBuffer values = FloatBuffer.allocate(Math.toIntExact(output.size()));
    for (int i = 0; i < values.capacity(); i++) {
      values.put(i, (float) output.asDouble(i));
    }
    return values;
  }

  /** What one copy of the model holds: constants, packed or not, and what is mapped of its file. */
  long weightBytes() {
    MemoryUse memory = copies.getFirst().model().memory();
    return memory.weights() + memory.mapped();
  }

  @Override
  public void close() {
    for (Loaded copy : copies) {
      copy.session().close();
      copy.model().close();
    }
    pool.close();
  }
}
