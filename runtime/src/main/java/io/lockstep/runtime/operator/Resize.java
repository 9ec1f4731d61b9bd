package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * ONNX Resize 10-19 and Upsample 7-9: resamples some axes by the nearest, linear or cubic filter,
 * axis by axis.
 *
 * <p>Inputs from version 11: x; region of interest, scales and sizes, each optional. Version 10 and
 * Upsample 9: x and scales; Upsample 7 has its scales as an attribute.
 *
 * @param version which inputs there are: {@link #FIRST_WITH_SIZES} and later have four
 * @param axes the axes that scales and sizes speak of; empty for all
 * @param attributeScales the scales of Upsample 7; empty otherwise
 * @param policy keep_aspect_ratio_policy
 * @param extrapolation the value outside the input, for tf_crop_and_resize
 */
record Resize(
    int version,
    ResizeCoordinates coordinates,
    ResizeAxis.Rule rule,
    List<Long> axes,
    List<Float> attributeScales,
    String policy,
    float extrapolation)
    implements LayoutAware {

  private static final int FIRST_WITH_SIZES = 11;
  private static final int ROI = 1;

  static Operator of(NodeAttributes attributes) {
    boolean old = attributes.opset() < FIRST_WITH_SIZES;
    String nearest =
        old ? "by_direction" : attributes.stringOr("nearest_mode", "round_prefer_floor");
    return new Resize(
        attributes.opset(),
        ResizeCoordinates.of(
            old
                ? "asymmetric"
                : attributes.stringOr("coordinate_transformation_mode", "half_pixel")),
        new ResizeAxis.Rule(
            filter(attributes.stringOr("mode", "nearest")),
            ResizeAxis.Nearest.valueOf(nearest.toUpperCase(Locale.ROOT)),
            attributes.floatOr("cubic_coeff_a", -0.75f),
            attributes.intOr("exclude_outside", 0) != 0,
            attributes.intOr("antialias", 0) != 0),
        Arrays.stream(attributes.ints("axes")).boxed().toList(),
        floats(attributes.floats("scales")),
        attributes.stringOr("keep_aspect_ratio_policy", "stretch"),
        attributes.floatOr("extrapolation_value", 0));
  }

  private static ResizeAxis.Filter filter(String mode) {
    return switch (mode) {
      case "nearest" -> ResizeAxis.Filter.NEAREST;
      case "linear", "bilinear" -> ResizeAxis.Filter.LINEAR;
      case "cubic" -> ResizeAxis.Filter.CUBIC;
      default -> throw new UnsupportedModelException("Resize: mode " + mode + " is unknown");
    };
  }

  private static List<Float> floats(float[] values) {
    List<Float> list = new ArrayList<>();
    for (float value : values) {
      list.add(value);
    }
    return List.copyOf(list);
  }

  @Override
  public String name() {
    return "Resize";
  }

  @Override
  public Optional<Operator> channelsLast(int rank) {
    List<Long> all = axes.isEmpty() ? LongStream.range(0, rank).boxed().toList() : axes;
    List<Long> moved =
        all.stream().map(axis -> (long) ImageLayout.axisLast(axis.intValue(), rank)).toList();
    return Optional.of(
        new Resize(version, coordinates, rule, moved, attributeScales, policy, extrapolation));
  }

  @Override
  public boolean needsValue(int input) {
    return input > 0;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    int[] extents = inputs.shape(0).toArray();
    for (ResizeAxis axis : tables(inputs, false)) {
      extents[axis.axis] = axis.output;
    }
    return List.of(inputs.type(0).withShape(Shape.of(extents)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape y = outputTypes(inputs).getFirst().shape();
    List<ResizeAxis> tables =
        tables(inputs, true).stream().filter(table -> !table.isIdentity()).toList();
    boolean nearest = rule.filter() == ResizeAxis.Filter.NEAREST;
    return new ResizePasses(inputs.type(0), y, tables, nearest, extrapolation);
  }

  /**
   * One table for each axis that scales or sizes speak of.
   *
   * @param filled whether the tables' contents are wanted, not only their extents
   */
  private List<ResizeAxis> tables(OperatorInputs inputs, boolean filled) {
    Shape x = inputs.shape(0);
    int count = axes.isEmpty() ? x.rank() : axes.size();
    int[] resized = new int[count];
    for (int i = 0; i < count; i++) {
      resized[i] = axes.isEmpty() ? i : x.axis(Math.toIntExact(axes.get(i)));
    }
    float[] scales = new float[count];
    float[] lengths = new float[count];
    extents(inputs, resized, scales, lengths);
    float[] roi =
        version >= FIRST_WITH_SIZES && inputs.has(ROI)
            ? inputs.value(ROI).toFloats()
            : new float[0];
    boolean cropped = coordinates == ResizeCoordinates.TF_CROP_AND_RESIZE;
    if (cropped && roi.length != 2 * count) {
      throw inputs.invalid(
          "region of interest has %d numbers, expected %d".formatted(roi.length, 2 * count));
    }
    List<ResizeAxis> tables = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int input = x.extent(resized[i]);
      float[] at = new float[(int) lengths[i]];
      for (int j = 0; filled && j < at.length; j++) {
        float start = cropped ? roi[i] : 0;
        float end = cropped ? roi[i + count] : 1;
        at[j] = coordinates.original(j, scales[i], input, lengths[i], start, end);
      }
      if (input == 0 && at.length > 0) {
        throw inputs.invalid("axis " + resized[i] + " of " + x + " is empty and cannot grow");
      }
      tables.add(ResizeAxis.of(resized[i], input, at, scales[i], rule, cropped));
    }
    return tables;
  }

  /** Output extents (before rounding down) and scales, from whichever of the two is given. */
  private void extents(OperatorInputs inputs, int[] resized, float[] scales, float[] lengths) {
    Shape x = inputs.shape(0);
    float[] given = scales(inputs);
    if (given.length > 0) {
      checkCount(inputs, "scales", given.length, resized.length);
      for (int i = 0; i < scales.length; i++) {
        scales[i] = given[i];
        lengths[i] = x.extent(resized[i]) * given[i];
      }
      return;
    }
    long[] sizes = inputs.has(3) ? inputs.value(3).toLongs() : new long[0];
    checkCount(inputs, "sizes", sizes.length, resized.length);
    for (int i = 0; i < scales.length; i++) {
      lengths[i] = sizes[i];
      scales[i] = lengths[i] / x.extent(resized[i]);
    }
    if (policy.equals("stretch")) {
      return;
    }
    float common = scales[0];
    for (float scale : scales) {
      common = policy.equals("not_larger") ? Math.min(common, scale) : Math.max(common, scale);
    }
    for (int i = 0; i < scales.length; i++) {
      scales[i] = common;
      lengths[i] = (float) Math.floor((double) common * x.extent(resized[i]) + 0.5);
    }
  }

  private static void checkCount(OperatorInputs inputs, String what, int count, int expected) {
    if (count != expected) {
      throw inputs.invalid("%s has %d numbers, expected %d".formatted(what, count, expected));
    }
  }

  private float[] scales(OperatorInputs inputs) {
    if (!attributeScales.isEmpty()) {
      float[] scales = new float[attributeScales.size()];
      for (int i = 0; i < scales.length; i++) {
        scales[i] = attributeScales.get(i);
      }
      return scales;
    }
    int input = version < FIRST_WITH_SIZES ? 1 : 2;
    return inputs.has(input) ? inputs.value(input).toFloats() : new float[0];
  }
}
