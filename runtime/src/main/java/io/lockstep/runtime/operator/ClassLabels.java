package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The names of a classifier's classes: texts or integers.
 *
 * @param texts empty when classes have integer labels
 */
record ClassLabels(List<String> texts, List<Long> numbers) {

  /**
   * Reads the labels.
   *
   * @param numbersName the attribute with integer labels
   */
  static ClassLabels of(NodeAttributes attributes, String numbersName) {
    return new ClassLabels(
        attributes.strings("classlabels_strings"),
        Arrays.stream(attributes.ints(numbersName)).boxed().toList());
  }

  int count() {
    return texts.isEmpty() ? numbers.size() : texts.size();
  }

  DType dtype() {
    return texts.isEmpty() ? DType.INT64 : DType.STRING;
  }

  /** Writes the label of a class. */
  void store(Tensor labels, long row, int index) {
    if (!texts.isEmpty()) {
      labels.strings()[(int) row] = texts.get(index).getBytes(StandardCharsets.UTF_8);
    } else {
      labels.setLong(row, index < numbers.size() ? numbers.get(index) : index);
    }
  }
}
