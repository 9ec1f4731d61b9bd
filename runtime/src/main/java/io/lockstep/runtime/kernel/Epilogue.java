package io.lockstep.runtime.kernel;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What a matrix product does to each element before it stores it: adds the column's bias, then the
 * residual, then applies the activation.
 *
 * @param bias float [n], or null for none
 * @param residual floats at the offset and stride of the product's result, or null for none; must
 *     not overlap the result
 */
public record Epilogue(
    @Nullable MemorySegment bias, @Nullable MemorySegment residual, Activation activation) {

  public static final Epilogue NONE = new Epilogue(null, null, Activation.NONE);

  /** One without a residual. */
  public static Epilogue of(@Nullable MemorySegment bias, Activation activation) {
    return new Epilogue(bias, null, activation);
  }
}
