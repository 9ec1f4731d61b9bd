package io.lockstep.runtime.kernel.jit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockstep.runtime.kernel.Elementwise;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

final class JitConversionTest {

  /** Built-in models convert while they load, and a start with the Vector API is a slow one. */
  @Test
  void conversionsAskForNoOtherKernels() {
    assumeTrue(Processor.hasAvx2(), "skipped: the processor has no AVX2");
    Elementwise elementwise =
        JitKernels.createAvx2(
                () -> {
                  throw new AssertionError("asked for other kernels");
                },
                () -> {
                  throw new AssertionError("asked for other convolutions");
                },
                ScalarKernels.create())
            .elementwise();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocateFrom(ValueLayout.JAVA_LONG, 3, -4);
      MemorySegment y = arena.allocate(ValueLayout.JAVA_FLOAT, 2);
      elementwise.convert(DType.INT64, x, 0, DType.FLOAT32, y, 0, 2);
      assertEquals(3, y.getAtIndex(ValueLayout.JAVA_FLOAT, 0));
      assertEquals(-4, y.getAtIndex(ValueLayout.JAVA_FLOAT, 1));
    }
  }
}
