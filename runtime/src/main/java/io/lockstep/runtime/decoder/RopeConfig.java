package io.lockstep.runtime.decoder;

/**
 * How rotary positions turn a head.
 *
 * @param size elements of a head that turn, an even number; the others stay; 0 for none at all
 * @param base the base of the angles' geometric series
 * @param isInterleaved whether elements 2i and 2i + 1 turn together, instead of i and i + size/2
 * @param scaling how a context longer than the one first trained for is squeezed
 * @param magnitude turned elements are multiplied with it
 */
public record RopeConfig(
    int size, double base, boolean isInterleaved, Scaling scaling, double magnitude) {

  /** Positions that turn nothing. */
  public static final RopeConfig NONE = new RopeConfig(0, 1, false, new Linear(1), 1);

  /** How angles are changed. */
  public sealed interface Scaling {}

  /** All angles are divided by a factor; 1 changes nothing. */
  public record Linear(double factor) implements Scaling {}

  /**
   * Fast pairs stay, slow ones are divided by the factor, with a ramp between (Peng et al., 2023,
   * "YaRN", section 3.2).
   *
   * @param context positions first trained for
   * @param fast turns within that context from which on a pair stays
   * @param slow turns up to which a pair is divided
   */
  public record Yarn(double factor, int context, double fast, double slow) implements Scaling {

    /** The magnitude that the paper recommends, section 3.4. */
    public static double magnitude(double factor) {
      return factor <= 1 ? 1 : 0.1 * StrictMath.log(factor) + 1;
    }
  }

  /**
   * The scaling of Llama 3.1: by wavelength against the context first trained for.
   *
   * @param low contexts in a wavelength up to which the whole factor divides
   * @param high contexts in a wavelength from which on nothing changes
   */
  public record Llama3(double factor, double low, double high, int context) implements Scaling {}

  /** The angle between neighbouring positions of pair {@code i}. */
  double frequency(int i) {
    double frequency = StrictMath.pow(base, -2.0 * i / size);
    return switch (scaling) {
      case Linear linear -> frequency / linear.factor();
      case Yarn yarn -> {
        double low = Math.max(0, Math.floor(pairOf(yarn.fast(), yarn.context())));
        double high = Math.min(size - 1, Math.ceil(pairOf(yarn.slow(), yarn.context())));
        double ramp = Math.clamp((i - low) / Math.max(0.001, high - low), 0, 1);
        yield frequency * (1 - ramp) + frequency / yarn.factor() * ramp;
      }
      case Llama3 llama -> {
        double turns = llama.context() * frequency / (2 * Math.PI);
        double kept = Math.clamp((turns - llama.low()) / (llama.high() - llama.low()), 0, 1);
        yield frequency * kept + frequency / llama.factor() * (1 - kept);
      }
    };
  }

  /** The pair, not rounded, that turns so often within a context. */
  private double pairOf(double turns, int context) {
    return size * StrictMath.log(context / (turns * 2 * Math.PI)) / (2 * StrictMath.log(base));
  }
}
