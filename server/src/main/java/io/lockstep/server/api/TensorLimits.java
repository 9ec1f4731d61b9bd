package io.lockstep.server.api;

import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.ServingException;
import java.util.Arrays;

/** Decides whether a declared tensor may be given memory, before any is taken. */
public final class TensorLimits {

  /** As many axes as NumPy arrays had for decades. */
  public static final int MAX_RANK = 32;

  /** What the reference to one text takes on the heap. */
  private static final int TEXT_REFERENCE_BYTES = 8;

  private TensorLimits() {}

  /**
   * The type with this shape.
   *
   * @param what names the tensor in messages
   * @throws ServingException INVALID_ARGUMENT for negative or overflowing extents,
   *     PAYLOAD_TOO_LARGE beyond the limit
   */
  public static TensorType check(String what, DType dtype, long[] extents, ApiLimits limits) {
    if (extents.length > MAX_RANK) {
      throw ServingException.invalid(
          what + " has " + extents.length + " axes; at most " + MAX_RANK + " are allowed");
    }
    long elements = 1;
    for (long extent : extents) {
      if (extent < 0 || extent > Integer.MAX_VALUE) {
        throw ServingException.invalid(
            "%s has extent %d in shape %s; expected 0 to %d"
                .formatted(what, extent, Arrays.toString(extents), Integer.MAX_VALUE));
      }
      // Both factors are below 2^31 as long as the product so far is under the limit.
      elements *= extent;
      if (elements > Integer.MAX_VALUE) {
        throw tooLarge(what, extents, limits);
      }
    }
    int elementBytes = dtype == DType.STRING ? TEXT_REFERENCE_BYTES : dtype.bytes();
    if (elements * elementBytes > limits.maxTensorBytes()) {
      throw tooLarge(what, extents, limits);
    }
    return new TensorType(dtype, Shape.ofLongs(extents));
  }

  /** Checks that {@code bodyBytes} of JSON can hold the elements at all; -1 when not known. */
  public static void checkAgainstBody(String what, TensorType type, long bodyBytes) {
    // Each element takes a digit and a comma at least.
    if (bodyBytes >= 0 && type.shape().size() > bodyBytes / 2 + 1) {
      throw ServingException.invalid(
          "%s has shape %s, which is %d elements, but the whole body has only %d bytes"
              .formatted(what, type.shape(), type.shape().size(), bodyBytes));
    }
  }

  private static ServingException tooLarge(String what, long[] extents, ApiLimits limits) {
    return new ServingException(
        ErrorCode.PAYLOAD_TOO_LARGE,
        "%s with shape %s takes more than %d bytes, which is max_tensor"
            .formatted(what, Arrays.toString(extents), limits.maxTensorBytes()));
  }
}
