package io.lockstep.runtime.operator;

import static java.util.Map.entry;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import java.util.Map;
import java.util.function.Function;

/** Operators over images and other spatial tensors, by ONNX name. */
public final class ImageOperators {

  private static final Map<String, Function<NodeAttributes, Operator>> TABLE =
      Map.ofEntries(
          entry("AffineGrid", AffineGrid::of),
          entry("Col2Im", Col2Im::of),
          entry("DeformConv", DeformConv::of),
          entry("GridSample", GridSample::of),
          entry("LpNormalization", NormalizationRecipes::norm),
          entry("MaxRoiPool", MaxRoiPool::of),
          entry("MaxUnpool", MaxUnpool::of),
          entry("MeanVarianceNormalization", NormalizationRecipes::meanVariance),
          entry("RoiAlign", RoiAlign::of),
          entry("AveragePool", PlanePool::average),
          entry("BatchNormalization", BatchNormalization::of),
          entry("Conv", Conv::of),
          entry("ConvTranspose", ConvTranspose::of),
          entry("GlobalAveragePool", GlobalPool::average),
          entry("GlobalLpPool", GlobalPool::norm),
          entry("GlobalMaxPool", GlobalPool::max),
          entry("GroupNormalization", GroupNormalization::of),
          entry("InstanceNormalization", GroupNormalization::instance),
          entry("LRN", LocalResponseNormalization::of),
          entry("LpPool", PlanePool::norm),
          entry("MaxPool", MaxPool::of),
          entry("NonMaxSuppression", NonMaxSuppression::of),
          entry("Resize", Resize::of),
          entry("Upsample", Resize::of));

  private ImageOperators() {}

  /** The factory of each operator. */
  public static Map<String, Function<NodeAttributes, Operator>> table() {
    return TABLE;
  }
}
