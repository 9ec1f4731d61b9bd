package io.lockstep.runtime.kernel;

import java.util.List;

/**
 * Elementwise steps over rows of several arrays, with several results: what a recurrent cell does
 * between its products. Results are computed one after the other, and each finds what earlier ones
 * have stored.
 *
 * @param columns elements of a row
 * @param inputs where {@link ElementChain.Input} finds its elements
 */
public record RowChain(int columns, List<Place> inputs, List<Result> results) {

  /** Arrays that a chain may have. */
  public static final int MOST_ARRAYS = 6;

  /** Copies the lists. */
  public RowChain {
    inputs = List.copyOf(inputs);
    results = List.copyOf(results);
  }

  /**
   * A stretch of the rows of an array.
   *
   * @param array which one
   * @param column the element of its rows with which the stretch begins
   */
  public record Place(int array, int column) {}

  /**
   * What is computed, and where it is stored.
   *
   * @param value of floats
   * @param places one or more; none overlaps another but by being the same
   */
  public record Result(ElementChain.Node value, List<Place> places) {

    public Result {
      places = List.copyOf(places);
    }
  }
}
