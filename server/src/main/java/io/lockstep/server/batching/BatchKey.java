package io.lockstep.server.batching;

import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * What requests must agree on to share a run: the shapes of their inputs but for the batch axis,
 * with the length axis taken to its bucket, and the contents of inputs that all rows share.
 */
final class BatchKey {

  private final List<Shape> shapes; // of one padded row
  private final List<Tensor> shared; // inputs without a batch axis
  private final int hash;

  BatchKey(List<Shape> shapes, List<Tensor> shared) {
    this.shapes = List.copyOf(shapes);
    this.shared = List.copyOf(shared);
    this.hash = this.shapes.hashCode();
  }

  @Override
  public boolean equals(Object other) {
    if (this == other) {
      return true;
    }
    if (!(other instanceof BatchKey key) || hash != key.hash || !shapes.equals(key.shapes)) {
      return false;
    }
    for (int i = 0; i < shared.size(); i++) {
      if (!sameContent(shared.get(i), key.shared.get(i))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    return hash;
  }

  private static boolean sameContent(Tensor a, Tensor b) {
    return a.dtype() == DType.STRING
        ? Arrays.deepEquals(a.strings(), b.strings())
        : a.segment().mismatch(b.segment()) < 0;
  }
}
