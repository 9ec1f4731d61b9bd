package io.lockstep.runtime.kernel;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What a matrix product does to each element before it stores it: adds the column's bias, then
 * applies the activation.
 *
 * @param bias float [n], or null for none
 */
public record Epilogue(@Nullable MemorySegment bias, Activation activation) {

  public static final Epilogue NONE = new Epilogue(null, Activation.NONE);
}
