package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.ElementChain;
import io.lockstep.runtime.kernel.RowChain;
import io.lockstep.runtime.kernel.RowChain.Place;
import io.lockstep.runtime.kernel.RowChain.Result;
import io.lockstep.runtime.kernel.RowChains;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Chains over rows as one emitted loop each. */
final class JitRowChains implements RowChains {

  /** Elements of one call, which then takes well under 100 microseconds. */
  private static final int CALL = 8192;

  private final Isa isa;
  private final ChainExpressions expressions;
  private final RowChains others;
  private final Map<RowChain, Loop> loops = new ConcurrentHashMap<>();

  /**
   * Loops for one instruction set.
   *
   * @param others takes over chains that cannot be emitted
   */
  JitRowChains(Isa isa, RowChains others) {
    this.isa = isa;
    this.expressions = new ChainExpressions(isa);
    this.others = others;
  }

  @Override
  public Loop loop(RowChain chain) {
    return loops.computeIfAbsent(chain, this::made);
  }

  private Loop made(RowChain chain) {
    for (Result result : chain.results()) {
      if (!ChainExpressions.has(new ElementChain(result.value(), null).nodes())) {
        return others.loop(chain);
      }
    }
    List<Expression> results = results(chain);
    int registers = RowChainGenerator.registers(isa, chain.columns());
    return ExpressionWriter.fits(isa, results, registers)
        ? new Emitted(isa, chain, results)
        : others.loop(chain);
  }

  /** An input of a place where an earlier result was stored is that result. */
  private List<Expression> results(RowChain chain) {
    List<Expression> results = new ArrayList<>();
    Map<Place, Expression> there = new HashMap<>();
    for (Result result : chain.results()) {
      Expression value =
          expressions.of(
              result.value(),
              index ->
                  there.computeIfAbsent(
                      chain.inputs().get(index), _ -> new Expression.Input(index)));
      results.add(value);
      result.places().forEach(place -> there.put(place, value));
    }
    return results;
  }

  /** An emitted loop. */
  private static final class Emitted implements Loop {

    private final RowChain chain;
    private final NativeKernel kernel;
    private final ConstantPool pool;
    private final long mask;

    /** For each array the elements of a row that the loop may touch; 0 for an array not used. */
    private final int[] extents = new int[RowChain.MOST_ARRAYS];

    Emitted(Isa isa, RowChain chain, List<Expression> results) {
      LoopGenerator.Loop loop = new RowChainGenerator(isa, chain, results).generate();
      this.chain = chain;
      this.kernel = loop.code();
      this.pool = new ConstantPool(isa, loop.constants());
      this.mask = pool.mask(chain.columns() % isa.lanes());
      chain.inputs().forEach(this::extend);
      chain.results().forEach(result -> result.places().forEach(this::extend));
    }

    private void extend(Place place) {
      int array = place.array();
      extents[array] = Math.max(extents[array], place.column() + chain.columns());
    }

    @Override
    public void run(int rows, MemorySegment[] arrays, long[] offsets, long[] strides) {
      if (rows == 0 || chain.columns() == 0) {
        return;
      }
      Parameters parameters = Parameters.ofThread();
      parameters.set(RowChainGenerator.CONSTANTS_SLOT, pool.address());
      parameters.set(RowChainGenerator.MASK_SLOT, mask);
      int step = Math.max(1, CALL / chain.columns());
      for (int row = 0; row < rows; row += step) {
        int count = Math.min(step, rows - row);
        parameters.set(RowChainGenerator.ROWS_SLOT, count);
        for (int i = 0; i < extents.length; i++) {
          boolean isUsed = extents[i] > 0;
          long stride = isUsed ? strides[i] : 0;
          long address =
              isUsed
                  ? Addresses.ofRows(
                      arrays[i], offsets[i] + row * stride, count, stride, extents[i], Float.BYTES)
                  : 0;
          parameters.set(RowChainGenerator.ARRAYS_SLOT + i, address);
          parameters.set(RowChainGenerator.STRIDES_SLOT + i, stride * Float.BYTES);
        }
        kernel.call(parameters);
      }
    }
  }
}
