package io.lockstep.server.api;

import io.lockstep.runtime.BatchTraits;
import io.lockstep.runtime.Dimension;
import io.lockstep.runtime.ModelSignature;
import io.lockstep.runtime.TensorSpec;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tokenizer.Tokenizer;
import io.lockstep.server.serving.BatchSettings;
import io.lockstep.server.serving.GenerationTraits;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.StateTraits;
import io.lockstep.server.serving.Task;
import io.lockstep.server.serving.TextSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Descriptions of models that answer what they are given. */
public final class FakeModels {

  static final long LOADED_AT_MILLIS = 1_700_000_000_000L;

  private FakeModels() {}

  /** A model whose outputs are its inputs; the first axis is the batch's. */
  public static ModelDescription echo(String name, TensorSpec... specs) {
    return describe(name, List.of(specs), Task.NONE, Optional.empty(), List.of("cat", "dog"));
  }

  /** An input or output with these extents, -1 for those a run chooses. */
  public static TensorSpec spec(String name, DType dtype, int... extents) {
    List<Dimension> dimensions = new ArrayList<>();
    for (int extent : extents) {
      dimensions.add(extent < 0 ? Dimension.dynamic("n") : Dimension.fixed(extent));
    }
    return new TensorSpec(name, dtype, dimensions);
  }

  /** A model that embeds. */
  public static ModelDescription embedder(String name, TextSettings text) {
    List<TensorSpec> specs = List.of(spec("input_ids", DType.INT64, -1, -1));
    return describe(name, specs, Task.EMBEDDING, Optional.of(text), List.of());
  }

  /** A model that generates text, with a context of 32 tokens. */
  public static ModelDescription generator(String name, Tokenizer tokenizer) {
    GenerationTraits traits =
        new GenerationTraits(tokenizer, 32, List.of(3), Optional.empty(), "", "[SEP]", 8, 1 << 20);
    return describe(name, List.of(), Task.NONE, Optional.empty(), List.of(), Optional.of(traits));
  }

  private static ModelDescription describe(
      String name,
      List<TensorSpec> specs,
      Task task,
      Optional<TextSettings> text,
      List<String> labels) {
    return describe(name, specs, task, text, labels, Optional.empty());
  }

  private static ModelDescription describe(
      String name,
      List<TensorSpec> specs,
      Task task,
      Optional<TextSettings> text,
      List<String> labels,
      Optional<GenerationTraits> generation) {
    List<BatchTraits.Axes> axes = specs.stream().map(_ -> new BatchTraits.Axes(0, -1)).toList();
    return new ModelDescription(
        name,
        "1",
        "onnx_onnxv1",
        "",
        new ModelSignature(specs, specs),
        new BatchTraits(BatchTraits.Mode.SAME_SHAPE, axes, axes, -1, "for tests"),
        new BatchSettings(8, Duration.ofMillis(2), 64, 1),
        task,
        text,
        labels,
        1234,
        LOADED_AT_MILLIS,
        generation,
        StateTraits.NONE);
  }
}
