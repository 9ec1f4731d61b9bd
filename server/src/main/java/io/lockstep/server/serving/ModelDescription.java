package io.lockstep.server.serving;

import io.lockstep.runtime.BatchTraits;
import io.lockstep.runtime.ModelSignature;
import java.util.List;
import java.util.Optional;

/**
 * A ready model version as the protocols describe it.
 *
 * @param platform in the Open Inference Protocol's form, {@code onnx_onnxv1}
 * @param description free text of model.yaml, empty when there is none
 * @param traits how requests share a run; the mode is the one in use, after the self check
 * @param text present when {@code task} is not {@link Task#NONE}, or a tokenizer.json is there
 * @param labels of classes, by index; empty when the model has none
 * @param parameters elements of all weights
 * @param loadedAtMillis wall clock, since 1970
 * @param generation what there is to know of a model that continues texts
 * @param state what the model carries from step to step of a sequence
 */
public record ModelDescription(
    String name,
    String version,
    String platform,
    String description,
    ModelSignature signature,
    BatchTraits traits,
    BatchSettings batching,
    Task task,
    Optional<TextSettings> text,
    List<String> labels,
    long parameters,
    long loadedAtMillis,
    Optional<GenerationTraits> generation,
    StateTraits state) {

  public ModelDescription {
    labels = List.copyOf(labels);
  }

  /**
   * What there is to know of a model that must generate text.
   *
   * @throws ServingException INVALID_ARGUMENT when it does not
   */
  public GenerationTraits generationTraits() {
    return generation.orElseThrow(
        () -> ServingException.invalid("model '" + name + "' does not generate text"));
  }
}
