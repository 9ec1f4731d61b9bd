package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * ONNX TfIdfVectorizer 9: how often each n-gram of a pool occurs in a row of items, weighted.
 *
 * <p>x: STRING, INT32 or INT64, [items] or [batch, items]; y: FLOAT32 [columns] or [batch,
 * columns].
 *
 * @param pool the n-grams of the lengths that count
 * @param columns the column of each n-gram of the pool
 * @param weights one for each column, or none
 * @param maxSkip how many items may lie between two of an n-gram, all equally far apart
 */
record TfIdfVectorizer(
    GramTree pool,
    List<Integer> columns,
    List<Float> weights,
    Weighting weighting,
    int minLength,
    int maxLength,
    int maxSkip)
    implements Operator {

  /** What a column holds. */
  enum Weighting {
    /** How often the n-gram occurs. */
    TF,
    /** Its weight, if it occurs. */
    IDF,
    /** Its weight times how often it occurs. */
    TFIDF
  }

  static Operator of(NodeAttributes attributes) {
    int minLength = (int) attributes.intOr("min_gram_length", 1);
    int maxLength = (int) attributes.intOr("max_gram_length", 1);
    List<?> items = attributes.strings("pool_strings");
    if (items.isEmpty()) {
      items = Arrays.stream(attributes.ints("pool_int64s")).boxed().toList();
    }
    List<Integer> columns =
        Arrays.stream(attributes.ints("ngram_indexes")).mapToObj(Math::toIntExact).toList();
    if (columns.stream().anyMatch(column -> column < 0)) {
      throw new InvalidModelException("TfIdfVectorizer: ngram_indexes must not be negative");
    }
    List<Float> weights = new ArrayList<>();
    for (float weight : attributes.floats("weights")) {
      weights.add(weight);
    }
    String mode = attributes.stringOr("mode", "TF");
    return new TfIdfVectorizer(
        pool(attributes.ints("ngram_counts"), items, minLength, maxLength, columns.size()),
        columns,
        List.copyOf(weights),
        switch (mode) {
          case "TF" -> Weighting.TF;
          case "IDF" -> Weighting.IDF;
          case "TFIDF" -> Weighting.TFIDF;
          default ->
              throw new InvalidModelException("TfIdfVectorizer: mode '" + mode + "' is unknown");
        },
        minLength,
        maxLength,
        (int) attributes.intOr("max_skip_count", 0));
  }

  /** Reads the pool: {@code starts[n - 1]} is where its n-grams begin. */
  private static GramTree pool(
      long[] starts, List<?> items, int minLength, int maxLength, int grams) {
    GramTree pool = new GramTree();
    int number = 0;
    for (int length = 1; length <= starts.length; length++) {
      long end = length < starts.length ? starts[length] : items.size();
      for (long at = starts[length - 1]; at + length <= end; at += length, number++) {
        if (at < 0 || end > items.size() || number >= grams) {
          throw new InvalidModelException("TfIdfVectorizer: ngram_counts do not fit the pool");
        }
        if (length >= minLength && length <= maxLength) {
          pool.add(items.subList((int) at, (int) at + length), number);
        }
      }
    }
    return pool;
  }

  @Override
  public String name() {
    return "TfIdfVectorizer";
  }

  private int width() {
    return columns.stream().mapToInt(Integer::intValue).max().orElse(-1) + 1;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    if (x.rank() > 2) {
      throw inputs.invalid("x is " + x + ", expected [items] or [batch, items]");
    }
    if (!weights.isEmpty() && weights.size() < width()) {
      throw inputs.invalid(weights.size() + " weights for " + width() + " columns");
    }
    Shape y = x.rank() == 2 ? Shape.of(x.extent(0), width()) : Shape.of(width());
    return List.of(new TensorType(DType.FLOAT32, y));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    int rows = x.rank() == 2 ? x.extent(0) : 1;
    int items = x.rank() == 0 ? 1 : x.extent(-1);
    int width = width();
    return (in, out, _) -> {
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < width; column++) {
          out[0].setFloat((long) row * width + column, 0);
        }
        count(in[0], (long) row * items, items, out[0], (long) row * width);
        weigh(out[0], (long) row * width, width);
      }
    };
  }

  private void count(Tensor x, long first, int items, Tensor y, long target) {
    for (int distance = 1; distance <= maxSkip + 1; distance++) {
      // Single items lie at no distance; they are counted once.
      int shortest = distance == 1 ? minLength : Math.max(2, minLength);
      for (int start = 0; start < items; start++) {
        GramTree node = pool;
        int length = 0;
        for (int i = start; i < items && length < maxLength; i += distance) {
          node = node.after(item(x, first + i));
          if (node == null) {
            break;
          }
          length++;
          if (length >= shortest && node.gram() >= 0) {
            long at = target + columns.get(node.gram());
            y.setFloat(at, y.getFloat(at) + 1);
          }
        }
      }
    }
  }

  private static Object item(Tensor x, long index) {
    return x.dtype() == DType.STRING ? x.getString(index) : (Object) x.asLong(index);
  }

  private void weigh(Tensor y, long first, int width) {
    for (int column = 0; column < width; column++) {
      float count = y.getFloat(first + column);
      float weight = weights.isEmpty() ? 1 : weights.get(column);
      y.setFloat(
          first + column,
          switch (weighting) {
            case TF -> count;
            case IDF -> count > 0 ? weight : 0;
            case TFIDF -> count * weight;
          });
    }
  }
}
