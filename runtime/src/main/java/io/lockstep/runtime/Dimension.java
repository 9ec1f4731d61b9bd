package io.lockstep.runtime;

import org.jspecify.annotations.Nullable;

/**
 * One axis of an input or output: a fixed extent, or one that each run chooses.
 *
 * @param extent the extent, or -1 when a run chooses it
 * @param symbol the name the model gives to an extent that a run chooses; null when it has none
 */
public record Dimension(int extent, @Nullable String symbol) {

  public static Dimension fixed(int extent) {
    return new Dimension(extent, null);
  }

  public static Dimension dynamic(@Nullable String symbol) {
    return new Dimension(-1, symbol);
  }

  public boolean isFixed() {
    return extent >= 0;
  }

  /** The extent, the symbol, or {@code ?}. */
  @Override
  public String toString() {
    return isFixed() ? Integer.toString(extent) : symbol == null ? "?" : symbol;
  }
}
