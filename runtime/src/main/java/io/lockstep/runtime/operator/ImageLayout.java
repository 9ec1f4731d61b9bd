package io.lockstep.runtime.operator;

import io.lockstep.runtime.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** Where images have their channels. */
public enum ImageLayout {
  /** [batch, channels, spatial...], as ONNX has them. */
  CHANNELS_FIRST,

  /** [batch, spatial..., channels], as kernels want them. */
  CHANNELS_LAST;

  ImageLayout other() {
    return this == CHANNELS_FIRST ? CHANNELS_LAST : CHANNELS_FIRST;
  }

  /** Which axes of an image of the other layout make one of this, as Transpose has them. */
  public List<Integer> permutation(int rank) {
    List<Integer> axes = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      axes.add(this == CHANNELS_LAST ? fromFirst(i, rank) : fromLast(i, rank));
    }
    return List.copyOf(axes);
  }

  private static int fromFirst(int axis, int rank) {
    return axis == 0 ? 0 : axis == rank - 1 ? 1 : axis + 1;
  }

  private static int fromLast(int axis, int rank) {
    return axis == 0 ? 0 : axis == 1 ? rank - 1 : axis - 1;
  }

  /** The shape in this layout of an image of the other one. */
  Shape convert(Shape other) {
    return Shape.of(permutation(other.rank()).stream().mapToInt(other::extent).toArray());
  }

  /** The shape of an image of this layout with its channels first. */
  Shape channelsFirst(Shape image) {
    return this == CHANNELS_FIRST ? image : CHANNELS_FIRST.convert(image);
  }

  /** The shape in this layout of an image with its channels first. */
  Shape of(Shape channelsFirst) {
    return this == CHANNELS_FIRST ? channelsFirst : convert(channelsFirst);
  }

  /** The axis of the channels of an image of such a rank. */
  int channelAxis(int rank) {
    return this == CHANNELS_FIRST ? Math.min(1, rank - 1) : rank - 1;
  }

  /** Where an axis of an image with its channels first is when they are last. */
  static int axisLast(int axis, int rank) {
    return fromLast(axis < 0 ? axis + rank : axis, rank);
  }
}
