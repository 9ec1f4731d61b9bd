package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.NBitsFormat;
import io.lockstep.runtime.kernel.jit.NBitsTileGenerator.Source;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The kernels of {@link NBitsTileGenerator}, generated when they are first needed. */
final class NBitsTiles {

  /** Numbers of bits, times whether there are zero points. */
  private static final int KINDS = 2 * (Byte.SIZE + 1);

  private static final int SHAPES =
      (NBitsTileGenerator.MOST_ROWS + 1) * NBitsTileGenerator.MOST_PANELS;

  private final Isa isa;
  private final Map<Source, AtomicReferenceArray<NativeKernel>> kernels =
      new EnumMap<>(Source.class);

  NBitsTiles(Isa isa) {
    this.isa = isa;
    for (Source source : Source.values()) {
      kernels.put(source, new AtomicReferenceArray<>(KINDS * SHAPES));
    }
  }

  /** The kernel of a tile of so many rows and panels. */
  NativeKernel kernel(Source source, NBitsFormat format, int rows, int panels) {
    int shape = rows * NBitsTileGenerator.MOST_PANELS + panels - 1;
    int kind = 2 * format.bits() + (format.hasZeros() ? 1 : 0);
    int index = shape * KINDS + kind;
    AtomicReferenceArray<NativeKernel> made = Objects.requireNonNull(kernels.get(source));
    NativeKernel kernel = made.get(index);
    if (kernel == null) {
      kernel =
          new NBitsTileGenerator(isa, source, format.bits(), format.hasZeros(), rows, panels)
              .generate();
      made.set(index, kernel);
    }
    return kernel;
  }
}
