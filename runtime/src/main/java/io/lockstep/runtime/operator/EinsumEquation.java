package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * An Einstein summation over operands of known shapes: which label each of their axes has, which
 * labels the output has in which order, and which are summed over.
 *
 * <p>An ellipsis stands for axes that broadcast; those are labelled by digits, counted from the
 * last one, which letters of an equation cannot be.
 */
final class EinsumEquation {

  private final String equation;
  private final List<List<String>> operands = new ArrayList<>();
  private final List<String> output = new ArrayList<>();
  private final List<String> summed = new ArrayList<>();
  private final Map<String, Integer> extents = new LinkedHashMap<>();

  private EinsumEquation(String equation) {
    this.equation = equation;
  }

  static EinsumEquation of(String equation, OperatorInputs inputs) {
    EinsumEquation parsed = new EinsumEquation(equation);
    String compact = equation.replace(" ", "");
    int arrow = compact.indexOf("->");
    String[] terms = (arrow < 0 ? compact : compact.substring(0, arrow)).split(",", -1);
    if (terms.length != inputs.count()) {
      throw inputs.invalid(
          "'%s' names %d operands but there are %d"
              .formatted(equation, terms.length, inputs.count()));
    }
    int ellipsis = 0;
    for (int i = 0; i < terms.length; i++) {
      Shape shape = inputs.shape(i);
      List<String> labels = parsed.labels(terms[i], shape.rank());
      if (labels.size() != shape.rank()) {
        throw inputs.invalid("'%s' does not fit operand %s".formatted(terms[i], shape));
      }
      for (int axis = 0; axis < shape.rank(); axis++) {
        parsed.note(labels.get(axis), shape.extent(axis), inputs);
      }
      parsed.operands.add(labels);
      if (terms[i].contains("...")) {
        ellipsis = Math.max(ellipsis, shape.rank() - terms[i].length() + "...".length());
      }
    }
    String result = arrow < 0 ? parsed.implied() : compact.substring(arrow + "->".length());
    parsed.output.addAll(parsed.labels(result, result.replace("...", "").length() + ellipsis));
    for (String label : parsed.output) {
      if (!parsed.extents.containsKey(label)) {
        throw inputs.invalid("'%s' has the unknown output label %s".formatted(equation, label));
      }
    }
    parsed.extents.keySet().stream()
        .filter(label -> !parsed.output.contains(label))
        .forEach(parsed.summed::add);
    return parsed;
  }

  /** The labels of a term for a tensor of this rank, its ellipsis spelt out. */
  private List<String> labels(String term, int rank) {
    List<String> labels = new ArrayList<>();
    int at = 0;
    while (at < term.length()) {
      if (term.startsWith("...", at)) {
        int broadcast = rank - (term.length() - "...".length());
        for (int axis = broadcast - 1; axis >= 0; axis--) {
          labels.add(Integer.toString(axis));
        }
        at += "...".length();
      } else if (Character.isLetter(term.charAt(at))) {
        labels.add(term.substring(at, at + 1));
        at++;
      } else {
        throw new InvalidModelException("Einsum: '" + equation + "' cannot be read");
      }
    }
    return labels;
  }

  private void note(String label, int extent, OperatorInputs inputs) {
    int known = extents.getOrDefault(label, 1);
    if (known != extent && known != 1 && extent != 1) {
      throw inputs.invalid(
          "label %s of '%s' stands for %d and %d".formatted(label, equation, known, extent));
    }
    extents.put(label, known == 1 ? extent : known);
  }

  /** Without an arrow: the ellipsis, then all labels that occur once, in alphabetical order. */
  private String implied() {
    TreeSet<String> once = new TreeSet<>();
    for (String label : extents.keySet()) {
      long count = operands.stream().flatMap(List::stream).filter(label::equals).count();
      if (count == 1 && Character.isLetter(label.charAt(0))) {
        once.add(label);
      }
    }
    boolean broadcasts = extents.keySet().stream().anyMatch(l -> Character.isDigit(l.charAt(0)));
    return (broadcasts ? "..." : "") + String.join("", once);
  }

  /** The labels of an operand's axes. */
  List<String> operand(int index) {
    return operands.get(index);
  }

  List<String> output() {
    return output;
  }

  List<String> summed() {
    return summed;
  }

  int extent(String label) {
    return extents.getOrDefault(label, 1);
  }

  int[] extents(List<String> labels) {
    return labels.stream().mapToInt(this::extent).toArray();
  }

  Shape outputShape() {
    return Shape.of(extents(output));
  }

  /**
   * Elements between neighbours of an operand along each label: 0 where it lacks the label or
   * broadcasts, the sum for a diagonal.
   */
  long[] strides(int operand, Shape shape, List<String> labels) {
    long[] own = shape.strides();
    long[] strides = new long[labels.size()];
    for (int axis = 0; axis < own.length; axis++) {
      int at = labels.indexOf(operands.get(operand).get(axis));
      if (at >= 0 && shape.extent(axis) != 1) {
        strides[at] += own[axis];
      }
    }
    return strides;
  }
}
