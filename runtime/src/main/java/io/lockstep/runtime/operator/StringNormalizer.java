package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.DataDependentOperator;
import io.lockstep.runtime.graph.EvaluationContext;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * ONNX StringNormalizer 10: words without the stop words, in upper or lower case or as they are. x:
 * STRING [words] or [1, words]; one empty word where none is left.
 *
 * @param stopWords folded to lower case, unless the comparison is case sensitive
 */
record StringNormalizer(CaseChange change, boolean caseSensitive, Set<String> stopWords)
    implements DataDependentOperator {

  /** What happens to the words that stay. */
  enum CaseChange {
    NONE,
    LOWER,
    UPPER
  }

  static Operator of(NodeAttributes attributes) {
    String change = attributes.stringOr("case_change_action", "NONE");
    boolean caseSensitive = attributes.intOr("is_case_sensitive", 0) != 0;
    Set<String> stopWords =
        attributes.strings("stopwords").stream()
            .map(word -> caseSensitive ? word : word.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
    return new StringNormalizer(
        switch (change) {
          case "NONE" -> CaseChange.NONE;
          case "LOWER" -> CaseChange.LOWER;
          case "UPPER" -> CaseChange.UPPER;
          default ->
              throw new InvalidModelException(
                  "StringNormalizer: case_change_action '" + change + "' is unknown");
        },
        caseSensitive,
        stopWords);
  }

  @Override
  public String name() {
    return "StringNormalizer";
  }

  @Override
  public List<Tensor> evaluate(List<@Nullable Tensor> inputs, EvaluationContext context) {
    Tensor x = inputs.getFirst();
    if (x == null
        || x.dtype() != DType.STRING
        || x.shape().rank() < 1
        || x.shape().rank() > 2
        || (x.shape().rank() == 2 && x.shape().extent(0) != 1)) {
      throw new InvalidInputException(
          "StringNormalizer: x is " + x + ", expected STRING [words] or [1,words]");
    }
    List<String> words =
        LongStream.range(0, x.size())
            .mapToObj(x::getString)
            .filter(word -> !isStopWord(word))
            .map(this::changed)
            .toList();
    int count = Math.max(1, words.size());
    Shape shape = x.shape().rank() == 1 ? Shape.of(count) : Shape.of(1, count);
    Tensor y = context.allocate(new TensorType(DType.STRING, shape));
    y.setString(0, "");
    for (int i = 0; i < words.size(); i++) {
      y.setString(i, words.get(i));
    }
    return List.of(y);
  }

  private boolean isStopWord(String word) {
    return stopWords.contains(caseSensitive ? word : word.toLowerCase(Locale.ROOT));
  }

  private String changed(String word) {
    return switch (change) {
      case NONE -> word;
      case LOWER -> word.toLowerCase(Locale.ROOT);
      case UPPER -> word.toUpperCase(Locale.ROOT);
    };
  }
}
