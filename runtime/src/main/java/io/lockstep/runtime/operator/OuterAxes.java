package io.lockstep.runtime.operator;

import io.lockstep.runtime.operator.RowCopy.Axis;
import java.util.List;

/**
 * The axes of a strided copy around the part that is copied at once; places count them all through.
 */
record OuterAxes(List<Axis> axes) {

  OuterAxes {
    axes = List.copyOf(axes);
  }

  /** How many places there are. */
  int places() {
    int places = 1;
    for (Axis axis : axes) {
      places = Math.multiplyExact(places, axis.extent());
    }
    return places;
  }

  /** Where a place is in the source. */
  long from(int place) {
    long at = 0;
    int rest = place;
    for (Axis axis : axes) {
      at += rest % axis.extent() * axis.from();
      rest /= axis.extent();
    }
    return at;
  }

  /** Where a place is in the destination. */
  long to(int place) {
    long at = 0;
    int rest = place;
    for (Axis axis : axes) {
      at += rest % axis.extent() * axis.to();
      rest /= axis.extent();
    }
    return at;
  }
}
