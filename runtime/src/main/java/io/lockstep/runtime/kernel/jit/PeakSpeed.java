package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.ComputePool;
import java.util.OptionalDouble;

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
    BYTES_512(Isa.AVX512, Op.PDPBUSD, 64);

    private final Isa isa;
    private final Op op;
    private final int multiplyAdds;

    Work(Isa isa, Op op, int multiplyAdds) {
      this.isa = isa;
      this.op = op;
      this.multiplyAdds = multiplyAdds;
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
      };
    }
  }

  /** Sums that do not depend on each other: more than two units of four cycles keep busy. */
  private static final int SUMS = 12;

  /** Turns of the loop in a call, which then takes some 15 microseconds. */
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
            parameters.set(TURNS_SLOT, TURNS);
            for (int call = from; call < to; call++) {
              loop.call(parameters);
            }
          });
      best = Math.max(best, 1e9 / (System.nanoTime() - start));
    }
    return OptionalDouble.of(best * calls * TURNS * SUMS * 2.0 * work.multiplyAdds);
  }

  private static byte[] code(Work work) {
    Assembler asm = new Assembler(work.isa);
    for (int i = 0; i < SUMS + 2; i++) {
      asm.zero(v(i));
    }
    asm.mov(TURN, Parameters.at(Gp.RDI, TURNS_SLOT));
    Label again = new Label();
    asm.bind(again);
    for (int i = 0; i < SUMS; i++) {
      asm.op(work.op, v(i), v(SUMS), v(SUMS + 1));
    }
    asm.sub(TURN, 1);
    asm.jump(Assembler.Condition.NOT_ZERO, again);
    asm.vzeroupper();
    asm.ret();
    return asm.toByteArray();
  }
}
