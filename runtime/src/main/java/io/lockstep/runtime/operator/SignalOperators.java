package io.lockstep.runtime.operator;

import static java.util.Map.entry;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import java.util.Map;
import java.util.function.Function;

/** Spectra of signals, and losses, by ONNX name. */
public final class SignalOperators {

  private static final Map<String, Function<NodeAttributes, Operator>> TABLE =
      Map.ofEntries(
          entry("BlackmanWindow", CosineWindow.of(0.42, 0.5, 0.08)),
          entry("DFT", Dft::of),
          entry("HammingWindow", CosineWindow.of(25.0 / 46, 21.0 / 46, 0)),
          entry("HannWindow", CosineWindow.of(0.5, 0.5, 0)),
          entry("MelWeightMatrix", MelWeightMatrix::of),
          entry("NegativeLogLikelihoodLoss", LabelLoss::negativeLogLikelihood),
          entry("STFT", Stft::of),
          entry("SoftmaxCrossEntropyLoss", LabelLoss::softmaxCrossEntropy));

  private SignalOperators() {}

  /** The factory of each operator. */
  public static Map<String, Function<NodeAttributes, Operator>> table() {
    return TABLE;
  }
}
