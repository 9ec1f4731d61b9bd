package io.lockstep.runtime.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.GraphModel;
import io.lockstep.runtime.GraphSession;
import io.lockstep.runtime.ModelLoader;
import io.lockstep.runtime.RuntimeOptions;
import io.lockstep.runtime.TensorAssert;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.Tensors;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs whole models on named tensors. */
final class Runs implements AutoCloseable {

  private final GraphModel model;
  private final GraphSession session;

  private Runs(GraphModel model) {
    this.model = model;
    this.session = model.newSession();
  }

  static Runs of(Path file) {
    return new Runs(ModelLoader.load(file, RuntimeOptions.defaults()));
  }

  GraphModel model() {
    return model;
  }

  /** Copies of all outputs by name. */
  Map<String, Tensor> run(Map<String, Tensor> inputs) {
    List<Tensor> ordered = new ArrayList<>();
    model.signature().inputs().forEach(spec -> ordered.add(inputs.get(spec.name())));
    assertEquals(inputs.size(), ordered.size(), "inputs of the model");
    GraphSession.Binding binding = session.bind(ordered.stream().map(Tensor::shape).toList());
    for (int i = 0; i < ordered.size(); i++) {
      binding.input(i).copyFrom(ordered.get(i));
    }
    binding.run(
        ordered.getFirst().shape().rank() == 0 ? 1 : ordered.getFirst().shape().extent(0), null);
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    for (int i = 0; i < model.signature().outputs().size(); i++) {
      Tensor copy = Tensors.zeros(binding.output(i).type());
      copy.copyFrom(binding.output(i));
      outputs.put(model.signature().outputs().get(i).name(), copy);
    }
    return outputs;
  }

  /** The only output for the only input. */
  Tensor run(Tensor input) {
    return run(Map.of(model.signature().inputs().getFirst().name(), input))
        .values()
        .iterator()
        .next();
  }

  /** Checks that each row of a batch gets the bits that it gets alone. */
  void assertRowsAreTheSameAlone(Tensor batch) {
    Tensor together = run(batch);
    for (int row = 0; row < batch.shape().extent(0); row++) {
      TensorAssert.assertSameBits(row(together, row), run(row(batch, row)), "row " + row);
    }
  }

  /** One row of a batch, with a batch axis of its own. */
  static Tensor row(Tensor batch, int row) {
    long bytes = batch.type().bytes() / batch.shape().extent(0);
    MemorySegment part = batch.segment().asSlice(row * bytes, bytes);
    return Tensor.of(batch.type().withShape(batch.shape().with(0, 1)), part);
  }

  /** Rows of equal shape, one behind the other. */
  static Tensor stack(List<Tensor> rows) {
    Tensor first = rows.getFirst();
    Tensor batch = Tensors.zeros(first.type().withShape(first.shape().with(0, rows.size())));
    for (int i = 0; i < rows.size(); i++) {
      row(batch, i).copyFrom(rows.get(i));
    }
    return batch;
  }

  @Override
  public void close() {
    session.close();
    model.close();
  }
}
