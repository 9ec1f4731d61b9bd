package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * The attributes that ONNX's RNN, GRU and LSTM share.
 *
 * @param hidden the hidden size; 0 to take it from the weights
 * @param reversed for each direction whether it runs from the last step to the first
 * @param activations for each direction the functions f, g, h (as many as the cell has)
 * @param clip bound of what goes into an activation; 0 for none
 * @param batchFirst whether the batch comes before the steps (layout 1)
 */
record RecurrentAttributes(
    int hidden,
    List<Boolean> reversed,
    List<List<GateActivation>> activations,
    float clip,
    boolean batchFirst) {

  /**
   * Reads them.
   *
   * @param defaults the names of the cell's activations where the model names none
   */
  static RecurrentAttributes of(NodeAttributes attributes, List<String> defaults) {
    String direction = attributes.stringOr("direction", "forward");
    List<Boolean> reversed =
        switch (direction) {
          case "forward" -> List.of(false);
          case "reverse" -> List.of(true);
          default -> List.of(false, true);
        };
    List<String> names = new ArrayList<>(attributes.strings("activations"));
    while (names.size() < defaults.size() * reversed.size()) {
      names.add(defaults.get(names.size() % defaults.size()));
    }
    List<GateActivation> all =
        GateActivation.all(
            names, attributes.floats("activation_alpha"), attributes.floats("activation_beta"));
    List<List<GateActivation>> perDirection = new ArrayList<>();
    for (int d = 0; d < reversed.size(); d++) {
      perDirection.add(List.copyOf(all.subList(d * defaults.size(), (d + 1) * defaults.size())));
    }
    return new RecurrentAttributes(
        Math.toIntExact(attributes.intOr("hidden_size", 0)),
        reversed,
        List.copyOf(perDirection),
        attributes.floatOr("clip", 0),
        attributes.intOr("layout", 0) != 0);
  }

  int directions() {
    return reversed.size();
  }
}
