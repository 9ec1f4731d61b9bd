package io.lockstep.runtime.tensor;

import io.lockstep.runtime.error.InvalidInputException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The extents of a tensor, outermost first; rank 0 is a scalar. Immutable. */
public final class Shape {

  private static final Shape SCALAR = new Shape(new int[0], 1);

  private final int[] extents;
  private final long size;

  private Shape(int[] extents, long size) {
    this.extents = extents;
    this.size = size;
  }

  public static Shape scalar() {
    return SCALAR;
  }

  /**
   * The shape with these extents.
   *
   * @throws InvalidInputException when an extent is negative or the element count overflows
   */
  public static Shape of(int... extents) {
    long size = 1;
    for (int extent : extents) {
      if (extent < 0) {
        throw new InvalidInputException("negative extent in shape " + Arrays.toString(extents));
      }
      if (extent != 0 && size > Long.MAX_VALUE / extent) {
        throw new InvalidInputException(
            "shape " + Arrays.toString(extents) + " has too many elements");
      }
      size *= extent;
    }
    return extents.length == 0 ? SCALAR : new Shape(extents.clone(), size);
  }

  /** The shape with these extents, each of which must fit an int. */
  public static Shape ofLongs(long... extents) {
    int[] ints = new int[extents.length];
    for (int i = 0; i < ints.length; i++) {
      if (extents[i] < 0 || extents[i] > Integer.MAX_VALUE) {
        throw new InvalidInputException(
            "extent " + extents[i] + " in shape " + Arrays.toString(extents));
      }
      ints[i] = (int) extents[i];
    }
    return of(ints);
  }

  public int rank() {
    return extents.length;
  }

  /** The extent of an axis; a negative axis counts from the end. */
  public int extent(int axis) {
    return extents[axis < 0 ? axis + extents.length : axis];
  }

  /** The number of elements. */
  public long size() {
    return size;
  }

  /** The number of elements as an int, for buffers that Java loops index. */
  public int intSize() {
    if (size > Integer.MAX_VALUE) {
      throw new InvalidInputException("a tensor of shape " + this + " has too many elements");
    }
    return (int) size;
  }

  /** A copy of the extents. */
  public int[] toArray() {
    return extents.clone();
  }

  public long[] toLongArray() {
    return Arrays.stream(extents).asLongStream().toArray();
  }

  /** The product of the extents of axes {@code from} (inclusive) to {@code to} (exclusive). */
  public int product(int from, int to) {
    long product = 1;
    for (int axis = from; axis < to; axis++) {
      product *= extents[axis];
    }
    return Math.toIntExact(product);
  }

  /** Elements between neighbours along each axis. */
  public long[] strides() {
    long[] strides = new long[extents.length];
    long stride = 1;
    for (int axis = extents.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= extents[axis];
    }
    return strides;
  }

  /** An axis counted from the front, for one that may be negative. */
  public int axis(int axis) {
    int fromFront = axis < 0 ? axis + extents.length : axis;
    if (fromFront < 0 || fromFront >= extents.length) {
      throw new InvalidInputException("axis " + axis + " is out of range for shape " + this);
    }
    return fromFront;
  }

  /** This shape with one extent replaced. */
  public Shape with(int axis, int extent) {
    int[] changed = extents.clone();
    changed[axis(axis)] = extent;
    return of(changed);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(extents, shape.extents);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(extents);
  }

  @Override
  public String toString() {
    return Arrays.stream(extents)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(",", "[", "]"));
  }
}
