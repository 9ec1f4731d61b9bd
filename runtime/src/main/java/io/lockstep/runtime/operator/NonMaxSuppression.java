package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.DataDependentOperator;
import io.lockstep.runtime.graph.EvaluationContext;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * ONNX NonMaxSuppression 10-11: for each image and class, boxes by falling score, without those
 * that overlap a chosen one too much.
 *
 * <p>Inputs: boxes [batch, boxes, 4]; scores [batch, classes, boxes]; then optional scalars: most
 * boxes of a class (0 for none), overlap threshold, score threshold. Output: INT64 [chosen, 3] of
 * image, class and box.
 *
 * @param centered whether boxes are (x, y, width, height) with a centre, not two corners (y, x)
 */
record NonMaxSuppression(boolean centered) implements DataDependentOperator {

  static Operator of(NodeAttributes attributes) {
    return new NonMaxSuppression(attributes.intOr("center_point_box", 0) != 0);
  }

  @Override
  public String name() {
    return "NonMaxSuppression";
  }

  @Override
  public List<Tensor> evaluate(List<@Nullable Tensor> inputs, EvaluationContext context) {
    Tensor boxes = inputs.get(0);
    Tensor scores = inputs.get(1);
    if (boxes == null
        || scores == null
        || boxes.shape().rank() != 3
        || scores.shape().rank() != 3
        || boxes.shape().extent(1) != scores.shape().extent(2)) {
      throw new InvalidModelException(
          "NonMaxSuppression: boxes %s and scores %s do not fit".formatted(boxes, scores));
    }
    long most = (long) scalar(inputs, 2, 0);
    float overlap = (float) scalar(inputs, 3, 0);
    float least = (float) scalar(inputs, 4, Double.NEGATIVE_INFINITY);
    List<long[]> chosen = new ArrayList<>();
    for (int image = 0; image < scores.shape().extent(0); image++) {
      for (int label = 0; label < scores.shape().extent(1); label++) {
        choose(boxes, scores, image, label, most, overlap, least, chosen);
      }
    }
    Tensor result = context.allocate(new TensorType(DType.INT64, Shape.of(chosen.size(), 3)));
    for (int i = 0; i < chosen.size(); i++) {
      for (int j = 0; j < 3; j++) {
        result.setLong(3L * i + j, chosen.get(i)[j]);
      }
    }
    return List.of(result);
  }

  private static double scalar(List<@Nullable Tensor> inputs, int index, double absent) {
    Tensor tensor = index < inputs.size() ? inputs.get(index) : null;
    return tensor == null ? absent : tensor.asDouble(0);
  }

  private void choose(
      Tensor boxes,
      Tensor scores,
      int image,
      int label,
      long most,
      float overlap,
      float least,
      List<long[]> chosen) {
    int count = boxes.shape().extent(1);
    long firstScore = ((long) image * scores.shape().extent(1) + label) * count;
    List<Integer> candidates = new ArrayList<>();
    for (int box = 0; box < count; box++) {
      if (scores.asDouble(firstScore + box) > least) {
        candidates.add(box);
      }
    }
    candidates.sort(
        (a, b) -> Double.compare(scores.asDouble(firstScore + b), scores.asDouble(firstScore + a)));
    List<float[]> kept = new ArrayList<>();
    for (int box : candidates) {
      if (kept.size() >= most) {
        break;
      }
      float[] corners = corners(boxes, ((long) image * count + box) * 4);
      if (kept.stream().noneMatch(other -> overlap(corners, other) > overlap)) {
        kept.add(corners);
        chosen.add(new long[] {image, label, box});
      }
    }
  }

  /** The box as two sorted corners: low and high of one axis, then of the other. */
  private float[] corners(Tensor boxes, long at) {
    float a = (float) boxes.asDouble(at);
    float b = (float) boxes.asDouble(at + 1);
    float c = (float) boxes.asDouble(at + 2);
    float d = (float) boxes.asDouble(at + 3);
    if (centered) {
      return new float[] {a - c / 2, a + c / 2, b - d / 2, b + d / 2};
    }
    return new float[] {Math.min(a, c), Math.max(a, c), Math.min(b, d), Math.max(b, d)};
  }

  /** Intersection over union. */
  private static float overlap(float[] a, float[] b) {
    float width = Math.min(a[1], b[1]) - Math.max(a[0], b[0]);
    float height = Math.min(a[3], b[3]) - Math.max(a[2], b[2]);
    if (width <= 0 || height <= 0) {
      return 0;
    }
    float shared = width * height;
    float areaA = (a[1] - a[0]) * (a[3] - a[2]);
    float areaB = (b[1] - b[0]) * (b[3] - b[2]);
    return areaA <= 0 || areaB <= 0 ? 0 : shared / (areaA + areaB - shared);
  }
}
