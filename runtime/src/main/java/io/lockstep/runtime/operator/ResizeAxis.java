package io.lockstep.runtime.operator;

/**
 * What resizing does along one axis, as a table: each output index takes a weighted sum of some
 * input indices. Made once, when the extents are known.
 */
final class ResizeAxis {

  /** What is mixed. */
  enum Filter {
    NEAREST,
    LINEAR,
    CUBIC
  }

  /** Which neighbour NEAREST takes. */
  enum Nearest {
    ROUND_PREFER_FLOOR,
    ROUND_PREFER_CEIL,
    FLOOR,
    CEIL,
    /** Before version 11: up when the axis shrinks, else down. */
    BY_DIRECTION
  }

  /**
   * How an axis is filtered.
   *
   * @param cubicA the cubic's coefficient
   * @param excludeOutside whether taps outside the input weigh nothing, rather than repeat the edge
   * @param antialias whether a shrinking filter widens
   */
  record Rule(
      Filter filter, Nearest nearest, float cubicA, boolean excludeOutside, boolean antialias) {}

  final int axis;
  final int input;
  final int output;
  final int taps;
  final int[] indices; // [output, taps]
  final float[] weights; // [output, taps]
  final boolean[] extrapolated; // [output]: whether the coordinate lies outside the input

  private ResizeAxis(int axis, int input, int output, int taps) {
    this.axis = axis;
    this.input = input;
    this.output = output;
    this.taps = taps;
    this.indices = new int[output * taps];
    this.weights = new float[output * taps];
    this.extrapolated = new boolean[output];
  }

  /**
   * The table of one axis.
   *
   * @param coordinates [output]: where each output index lies in the input
   * @param scale output by input
   * @param cropped whether coordinates outside the input are extrapolated
   */
  static ResizeAxis of(
      int axis, int input, float[] coordinates, float scale, Rule rule, boolean cropped) {
    double filterScale = rule.antialias() ? Math.min(scale, 1.0) : 1.0;
    int first = firstTap(rule, filterScale);
    int taps = rule.filter() == Filter.NEAREST ? 1 : 2 - 2 * first;
    ResizeAxis table = new ResizeAxis(axis, input, coordinates.length, taps);
    for (int x = 0; x < coordinates.length; x++) {
      float at = coordinates[x];
      table.extrapolated[x] = cropped && (at < 0 || at > input - 1);
      if (rule.filter() == Filter.NEAREST) {
        table.indices[x] = Math.clamp(nearest(rule.nearest(), at, scale), 0, input - 1);
        table.weights[x] = 1;
      } else {
        table.fill(x, at, first, filterScale, rule);
      }
    }
    return table;
  }

  private static int firstTap(Rule rule, double filterScale) {
    return switch (rule.filter()) {
      case NEAREST -> 0;
      case LINEAR -> (int) Math.floor(-1 / filterScale) + 1;
      case CUBIC -> (int) Math.floor(-2 / filterScale) + 1;
    };
  }

  private static long nearest(Nearest rule, float at, float scale) {
    return switch (rule) {
      case ROUND_PREFER_FLOOR -> (long) Math.ceil(at - 0.5f);
      case ROUND_PREFER_CEIL -> (long) Math.floor(at + 0.5f);
      case FLOOR -> (long) Math.floor(at);
      case CEIL -> (long) Math.ceil(at);
      case BY_DIRECTION -> (long) (scale < 1 ? Math.ceil(at) : Math.floor(at));
    };
  }

  private void fill(int x, float at, int first, double filterScale, Rule rule) {
    int base = (int) Math.floor(at);
    double fraction = (double) at - base;
    double[] raw = new double[taps];
    double sum = 0;
    for (int t = 0; t < taps; t++) {
      int index = base + first + t;
      boolean outside = index < 0 || index >= input;
      double distance = Math.abs((first + t - fraction) * filterScale);
      raw[t] = rule.excludeOutside() && outside ? 0 : weight(rule, distance);
      sum += raw[t];
      indices[x * taps + t] = Math.clamp(index, 0, input - 1);
    }
    boolean normalized = rule.antialias() || rule.excludeOutside();
    for (int t = 0; t < taps; t++) {
      weights[x * taps + t] = (float) (normalized && sum != 0 ? raw[t] / sum : raw[t]);
    }
  }

  /** The filter at a distance: a triangle, or Keys' cubic with coefficient a. */
  private static double weight(Rule rule, double d) {
    if (rule.filter() == Filter.LINEAR) {
      return Math.max(0, 1 - d);
    }
    double a = rule.cubicA();
    if (d <= 1) {
      return ((a + 2) * d - (a + 3)) * d * d + 1;
    }
    return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
  }

  /** Whether the axis stays as it is. */
  boolean isIdentity() {
    if (input != output) {
      return false;
    }
    for (int x = 0; x < output; x++) {
      for (int t = 0; t < taps; t++) {
        float expected = indices[x * taps + t] == x ? 1 : 0;
        boolean edgeRepeat = weights[x * taps + t] == 0;
        if (!edgeRepeat && weights[x * taps + t] != expected) {
          return false;
        }
      }
      if (extrapolated[x]) {
        return false;
      }
    }
    return true;
  }
}
