package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.graph.DataDependentOperator;
import io.lockstep.runtime.graph.EvaluationContext;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * ONNX StringSplit 20: each text cut at a delimiter. Outputs: the parts, with an axis added for
 * them and empty text where there are fewer; how many there are, INT64.
 *
 * @param delimiter empty for any run of white space, which then does not count at the ends either
 * @param maxSplits how often a text is cut at most
 */
record StringSplit(String delimiter, long maxSplits) implements DataDependentOperator {

  static Operator of(NodeAttributes attributes) {
    return new StringSplit(
        attributes.stringOr("delimiter", ""), attributes.intOr("maxsplit", Long.MAX_VALUE));
  }

  @Override
  public String name() {
    return "StringSplit";
  }

  @Override
  public List<Tensor> evaluate(List<@Nullable Tensor> inputs, EvaluationContext context) {
    Tensor x = inputs.getFirst();
    if (x == null || x.dtype() != DType.STRING) {
      throw new InvalidInputException("StringSplit: x is " + x + ", expected STRING");
    }
    List<List<String>> all = new ArrayList<>();
    int most = 0;
    for (long i = 0; i < x.size(); i++) {
      List<String> parts = delimiter.isEmpty() ? words(x.getString(i)) : parts(x.getString(i));
      all.add(parts);
      most = Math.max(most, parts.size());
    }
    int[] extents = Arrays.copyOf(x.shape().toArray(), x.shape().rank() + 1);
    extents[x.shape().rank()] = most;
    Tensor y = context.allocate(TensorType.of(DType.STRING, extents));
    Tensor counts = context.allocate(new TensorType(DType.INT64, x.shape()));
    for (int i = 0; i < all.size(); i++) {
      List<String> parts = all.get(i);
      counts.setLong(i, parts.size());
      for (int part = 0; part < most; part++) {
        y.setString((long) i * most + part, part < parts.size() ? parts.get(part) : "");
      }
    }
    return List.of(y, counts);
  }

  private List<String> parts(String text) {
    List<String> parts = new ArrayList<>();
    int from = 0;
    for (int at = text.indexOf(delimiter); at >= 0; at = text.indexOf(delimiter, from)) {
      if (parts.size() >= maxSplits) {
        break;
      }
      parts.add(text.substring(from, at));
      from = at + delimiter.length();
    }
    parts.add(text.substring(from));
    return parts;
  }

  private List<String> words(String text) {
    List<String> words = new ArrayList<>();
    String rest = text.strip();
    while (!rest.isEmpty()) {
      int end = 0;
      while (end < rest.length() && !Character.isWhitespace(rest.charAt(end))) {
        end++;
      }
      if (words.size() >= maxSplits) {
        end = rest.length();
      }
      words.add(rest.substring(0, end));
      rest = rest.substring(end).strip();
    }
    return words;
  }
}
