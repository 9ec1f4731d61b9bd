package io.lockstep.runtime;

import io.lockstep.runtime.decoder.DecoderWeights;
import io.lockstep.runtime.importer.ImportedDecoder;
import io.lockstep.runtime.kernel.BlockGemm;
import io.lockstep.runtime.kernel.BlockMatrix;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.tensor.TensorArena;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Packs the matrices of a decoder. What has been read of a mapped file stays resident until it is
 * mapped anew, so that happens now and then, and once more at the end: packed weights and file do
 * not both take memory.
 */
final class DecoderPacking {

  /** Bytes after which the files are mapped anew. */
  private static final long MOST_RESIDENT = 128L << 20;

  private final Supplier<ImportedDecoder> open;
  private final BlockGemm gemm;
  private final ComputePool pool;
  private final long parameters;
  private ImportedDecoder files;

  /**
   * Opens the files.
   *
   * @param open maps them anew each time
   */
  DecoderPacking(Supplier<ImportedDecoder> open, BlockGemm gemm, ComputePool pool) {
    this.open = open;
    this.gemm = gemm;
    this.pool = pool;
    this.files = open.get();
    this.parameters = files.weights().parameters();
  }

  /** The number of elements of all weights. */
  long parameters() {
    return parameters;
  }

  /**
   * The decoder with its matrices packed, in memory of {@code owner}, which it closes on failure.
   */
  ImportedDecoder pack(TensorArena owner) {
    try {
      List<BlockMatrix> packed = new ArrayList<>();
      long released = 0;
      for (int i = 0; i < files.weights().matrices().size(); i++) {
        packed.add(gemm.pack(files.weights().matrices().get(i), owner, pool));
        if (owner.bytes() - released > MOST_RESIDENT) {
          reopen();
          released = owner.bytes();
        }
      }
      if (owner.bytes() > released) {
        reopen();
      }
      return files.withWeights(joined(files.weights(), packed));
    } catch (RuntimeException e) {
      files.files().close();
      owner.close();
      throw e;
    }
  }

  private void reopen() {
    files.files().close();
    files = open.get();
  }

  /** What is packed, and the rest from the files as they are mapped now. */
  private static DecoderWeights joined(DecoderWeights mapped, List<BlockMatrix> packed) {
    List<BlockMatrix> matrices = new ArrayList<>(mapped.matrices());
    for (int i = 0; i < matrices.size(); i++) {
      if (packed.get(i).isPacked()) {
        matrices.set(i, packed.get(i));
      }
    }
    return mapped.withMatrices(matrices);
  }
}
