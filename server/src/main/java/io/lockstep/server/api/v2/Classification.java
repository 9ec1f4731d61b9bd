package io.lockstep.server.api.v2;

import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.server.serving.ServingException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The classification extension: the best classes of an output instead of all its scores. */
final class Classification {

  private Classification() {}

  /**
   * The best {@code classes} of the scores along the last axis, best first, equals in the order of
   * their index; each as {@code score:index} or {@code score:index:label}.
   *
   * @param scores any shape [.., n]
   * @param labels by index; may be shorter than n, or empty
   * @return [.., min(classes, n)] of text
   */
  static Tensor of(String output, Tensor scores, int classes, List<String> labels) {
    Shape shape = scores.shape();
    if (scores.dtype() == DType.STRING || shape.rank() == 0) {
      throw ServingException.invalid(
          "output '%s' is %s and has no classes".formatted(output, scores.type()));
    }
    int width = shape.extent(-1);
    int kept = Math.min(classes, width);
    int rows = width == 0 ? 0 : Math.toIntExact(scores.size() / width);
    byte[][] texts = new byte[rows * kept][];
    for (int row = 0; row < rows; row++) {
      long first = (long) row * width;
      int[] best =
          IntStream.range(0, width)
              .boxed()
              .sorted(
                  Comparator.comparingDouble((Integer i) -> -scores.asDouble(first + i))
                      .thenComparing(Comparator.naturalOrder()))
              .limit(kept)
              .mapToInt(Integer::intValue)
              .toArray();
      for (int rank = 0; rank < kept; rank++) {
        texts[row * kept + rank] = text(scores.asDouble(first + best[rank]), best[rank], labels);
      }
    }
    return Tensor.ofStrings(shape.with(-1, kept), texts);
  }

  private static byte[] text(double score, int index, List<String> labels) {
    String text = String.format(Locale.ROOT, "%f:%d", score, index);
    return (index < labels.size() ? text + ":" + labels.get(index) : text)
        .getBytes(StandardCharsets.UTF_8);
  }
}
