package io.lockstep.server.registry;

import io.lockstep.runtime.BatchTraits;
import io.lockstep.runtime.Dimension;
import io.lockstep.runtime.ModelSignature;
import io.lockstep.runtime.TensorSpec;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.server.serving.StateTraits.Pair;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Finds out from a model's signature which outputs are inputs of the next step. */
final class StateFinder {
  /*
   * An input and an output are a pair when all of this holds:
   * - the input's name has a word of those that states go by (WORDS), and is x, or x with a mark
   *   of an input: x_in, in_x, x_prev, prev_x, past_x, old_x, x0, x_0;
   * - the output's name, upper and lower case alike, is x with a mark of an output: xn, x_n, x_out,
   *   xout, x_next, x_new, x_output, out_x, next_x, new_x, output_x, present_x, or the input's name
   *   with "present" for "past", or x itself where the input has a mark;
   * - element type and rank agree, no axis has two different fixed extents, and the batch axis is
   *   the same one;
   * - every axis but the batch axis is fixed in the input.
   * Pairs are taken only if none of their tensors is in two of them and an input is left over.
   */

  /** What states go by in the models of the field, digits at the end left out. */
  private static final Set<String> WORDS =
      Set.of(
          "state", "states", "hidden", "cell", "cache", "memory", "mem", "carry", "context", "past",
          "h", "c", "hx", "cx", "rnn", "gru", "lstm");

  private static final List<String> OUTPUT_ENDS =
      List.of("n", "_n", "_out", "out", "_next", "_new", "_output");

  private static final List<String> OUTPUT_BEGINNINGS =
      List.of("out_", "next_", "new_", "output_", "present_");

  private static final List<String> INPUT_ENDS = List.of("_in", "_prev", "_0", "0");

  private static final List<String> INPUT_BEGINNINGS = List.of("in_", "prev_", "past_", "old_");

  private final ModelSignature signature;
  private final BatchTraits traits;

  StateFinder(ModelSignature signature, BatchTraits traits) {
    this.signature = signature;
    this.traits = traits;
  }

  /** The pairs, in the order of the inputs; none when they are not beyond doubt. */
  List<Pair> find() {
    List<Pair> pairs = new ArrayList<>();
    for (int input = 0; input < signature.inputs().size(); input++) {
      for (int output = 0; output < signature.outputs().size(); output++) {
        TensorSpec in = signature.inputs().get(input);
        TensorSpec out = signature.outputs().get(output);
        if (namesPair(in.name(), out.name()) && misfit(input, output).isEmpty() && isFixed(input)) {
          pairs.add(new Pair(in.name(), out.name()));
        }
      }
    }
    Set<String> inputs = new HashSet<>();
    Set<String> outputs = new HashSet<>();
    pairs.forEach(pair -> {
      inputs.add(pair.input());
      outputs.add(pair.output());
    });
    boolean isUnambiguous = inputs.size() == pairs.size() && outputs.size() == pairs.size();
    return isUnambiguous && pairs.size() < signature.inputs().size() ? pairs : List.of();
  }

  /** Why an output cannot be an input of the next step; empty when it can. */
  String misfit(int input, int output) {
    TensorSpec in = signature.inputs().get(input);
    TensorSpec out = signature.outputs().get(output);
    if (in.dtype() == DType.STRING) {
      return "input '%s' is text, which no sequence can keep".formatted(in.name());
    }
    if (in.dtype() != out.dtype() || in.dimensions().size() != out.dimensions().size()) {
      return "input '%s' %s%s and output '%s' %s%s differ in type or rank"
          .formatted(
              in.name(), in.dtype(), in.dimensions(), out.name(), out.dtype(), out.dimensions());
    }
    for (int axis = 0; axis < in.dimensions().size(); axis++) {
      Dimension a = in.dimensions().get(axis);
      Dimension b = out.dimensions().get(axis);
      if (a.isFixed() && b.isFixed() && a.extent() != b.extent()) {
        return "axis %d of input '%s' is %d but %d in output '%s'"
            .formatted(axis, in.name(), a.extent(), b.extent(), out.name());
      }
    }
    return traits.inputs().get(input).batchAxis() == traits.outputs().get(output).batchAxis()
        ? ""
        : "input '%s' and output '%s' have their rows along different axes"
            .formatted(in.name(), out.name());
  }

  private boolean isFixed(int input) {
    List<Dimension> dimensions = signature.inputs().get(input).dimensions();
    int batchAxis = traits.inputs().get(input).batchAxis();
    for (int axis = 0; axis < dimensions.size(); axis++) {
      if (axis != batchAxis && !dimensions.get(axis).isFixed()) {
        return false;
      }
    }
    return !dimensions.isEmpty();
  }

  static boolean namesPair(String input, String output) {
    String in = input.toLowerCase(Locale.ROOT);
    return hasStateWord(input) && outputNames(in).contains(output.toLowerCase(Locale.ROOT));
  }

  private static Set<String> outputNames(String input) {
    Map<String, Boolean> stems = new LinkedHashMap<>(); // to whether the input has a mark
    stems.put(input, false);
    for (String end : INPUT_ENDS) {
      if (input.endsWith(end) && input.length() > end.length()) {
        stems.put(input.substring(0, input.length() - end.length()), true);
      }
    }
    for (String beginning : INPUT_BEGINNINGS) {
      if (input.startsWith(beginning) && input.length() > beginning.length()) {
        stems.put(input.substring(beginning.length()), true);
      }
    }
    Set<String> names = new LinkedHashSet<>();
    if (input.contains("past")) {
      names.add(input.replace("past", "present"));
    }
    stems.forEach((stem, isMarked) -> {
      if (isMarked) {
        names.add(stem);
      }
      OUTPUT_ENDS.forEach(end -> names.add(stem + end));
      OUTPUT_BEGINNINGS.forEach(beginning -> names.add(beginning + stem));
    });
    names.remove(input);
    return names;
  }

  /** Whether a word of the name, as underscores, dots and capitals divide it, is one of ours. */
  private static boolean hasStateWord(String name) {
    for (String word : name.replaceAll("([a-z])([A-Z])", "$1_$2").split("[^A-Za-z0-9]+", -1)) {
      if (WORDS.contains(word.toLowerCase(Locale.ROOT).replaceAll("[0-9]+$", ""))) {
        return true;
      }
    }
    return false;
  }
}
