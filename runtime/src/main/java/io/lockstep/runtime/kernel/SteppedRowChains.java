package io.lockstep.runtime.kernel;

import io.lockstep.runtime.kernel.RowChain.Place;
import io.lockstep.runtime.kernel.RowChain.Result;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/** Chains over rows step by step on other kernels. */
public final class SteppedRowChains implements RowChains {

  private final Elementwise elementwise;
  private final Quantize quantize;

  /** Chains of what these kernels can do. */
  public SteppedRowChains(Elementwise elementwise, Quantize quantize) {
    this.elementwise = elementwise;
    this.quantize = quantize;
  }

  @Override
  public Loop loop(RowChain chain) {
    return (rows, arrays, offsets, strides) -> {
      Rows steps = new Rows(chain, arrays, offsets, strides);
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < chain.columns(); column += ChainSteps.BLOCK) {
          steps.row = row;
          steps.column = column;
          steps.results(Math.min(ChainSteps.BLOCK, chain.columns() - column));
        }
      }
    };
  }

  /** The steps over rows. */
  private final class Rows extends ChainSteps {

    private final RowChain chain;
    private final MemorySegment[] arrays;
    private final long[] offsets;
    private final long[] strides;
    private int row;
    private int column;

    Rows(RowChain chain, MemorySegment[] arrays, long[] offsets, long[] strides) {
      super(elementwise, quantize, Set.of());
      this.chain = chain;
      this.arrays = arrays;
      this.offsets = offsets;
      this.strides = strides;
    }

    void results(int count) {
      for (int i = 0; i < chain.results().size(); i++) {
        Result result = chain.results().get(i);
        Place first = result.places().getFirst();
        MemorySegment y = arrays[first.array()];
        block(result.value(), null, count, y, at(first));
        for (int copy = 1; copy < result.places().size(); copy++) {
          Place place = result.places().get(copy);
          MemorySegment.copy(
              y,
              at(first) * Float.BYTES,
              arrays[place.array()],
              at(place) * Float.BYTES,
              (long) count * Float.BYTES);
        }
      }
    }

    private long at(Place place) {
      return offsets[place.array()] + row * strides[place.array()] + place.column() + column;
    }

    @Override
    MemorySegment memory(int index) {
      return arrays[chain.inputs().get(index).array()];
    }

    @Override
    long at(int index) {
      return at(chain.inputs().get(index));
    }

    @Override
    boolean isOne(int index) {
      return false;
    }
  }
}
