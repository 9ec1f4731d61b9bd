package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Tile.tile;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.ComputePool;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The most multiply-adds that this machine does in a second, a multiply-add as two operations:
 * measured with loops of instructions that wait neither for each other nor for memory.
 */
public final class PeakSpeed {

  /** What is multiplied and added. */
  public enum Work {
    FLOATS_256(Isa.AVX2, Op.FMADD231PS, 8),
    FLOATS_512(Isa.AVX512, Op.FMADD231PS, 16),
    /** Dot products of four bytes. */
    BYTES_512(Isa.AVX512, Op.PDPBUSD, 64),
    /** Products of tiles of bytes: 16 rows, 16 columns, 64 of the reduction. */
    BYTES_AMX(Isa.AVX512, null, 16 * 16 * 64);

    private final Isa isa;
    private final @Nullable Op op;
    private final int multiplyAdds;

    Work(Isa isa, @Nullable Op op, int multiplyAdds) {
      this.isa = isa;
      this.op = op;
      this.multiplyAdds = multiplyAdds;
    }

    /** Sums that a turn adds to. */
    private int sums() {
      return op == null ? TILE_SUMS : SUMS;
    }

    /** Turns of the loop in a call, which then takes some 15 to 50 microseconds. */
    private int turns() {
      return op == null ? TURNS / 8 : TURNS;
    }

    private boolean isPossible() {
      CpuFeatures features;
      try {
        features = CpuFeatures.detect();
      } catch (KernelsUnavailableException refused) {
        return false;
      }
      return switch (this) {
        case FLOATS_256 -> features.avx2();
        case FLOATS_512 -> features.avx512();
        case BYTES_512 -> features.avx512Vnni();
        case BYTES_AMX -> features.amxInt8() && AmxPermission.isGranted();
      };
    }
  }

  /** Sums in tiles; each takes some 16 cycles. */
  private static final int TILE_SUMS = 4;

  /** Sums that do not depend on each other: more than two units of four cycles keep busy. */
  private static final int SUMS = 12;

  private static final int TURNS = 8192;

  private static final int CALLS = 400;
  private static final int ROUNDS = 10;
  private static final int TURNS_SLOT = 0;
  private static final Gp TURN = Gp.RAX;

  private PeakSpeed() {}

  /**
   * Measures with all threads of the pool at once; the best of some rounds.
   *
   * @return operations a second; empty where the processor lacks the instruction or code cannot be
   *     emitted
   */
  public static OptionalDouble measure(Work work, ComputePool pool) {
    if (!work.isPossible()) {
      return OptionalDouble.empty();
    }
    NativeKernel loop = new NativeKernel(code(work));
    int calls = CALLS * pool.threads();
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
      final long start = System.nanoTime();
      pool.parallelFor(
          calls,
          1,
          (from, to) -> {
            Parameters parameters = Parameters.ofThread();
            parameters.set(TURNS_SLOT, work.turns());
            parameters.set(
                AmxSlots.CONFIGURATION, AmxKernels.configuration(AmxGenerator.TILE_ROWS));
            for (int call = from; call < to; call++) {
              loop.call(parameters);
            }
          });
      best = Math.max(best, 1e9 / (System.nanoTime() - start));
    }
    return OptionalDouble.of(best * calls * work.turns() * work.sums() * 2.0 * work.multiplyAdds);
  }

  private static byte[] code(Work work) {
    Assembler asm = new Assembler(work.isa);
    Op op = work.op;
    if (op == null) {
      asm.mov(TURN, Parameters.at(Gp.RDI, AmxSlots.CONFIGURATION));
      asm.loadTileConfiguration(Mem.mem(TURN, 0));
    } else {
      for (int i = 0; i < SUMS + 2; i++) {
        asm.zero(v(i));
      }
    }
    asm.mov(TURN, Parameters.at(Gp.RDI, TURNS_SLOT));
    Label again = new Label();
    asm.bind(again);
    for (int i = 0; i < work.sums(); i++) {
      if (op == null) {
        asm.multiplyAdd(tile(i), tile(TILE_SUMS + i / 2), tile(TILE_SUMS + 2 + i % 2));
      } else {
        asm.op(op, v(i), v(SUMS), v(SUMS + 1));
      }
    }
    asm.sub(TURN, 1);
    asm.jump(Assembler.Condition.NOT_ZERO, again);
    if (op == null) {
      asm.releaseTiles();
    }
    asm.vzeroupper();
    asm.ret();
    return asm.toByteArray();
  }
}
