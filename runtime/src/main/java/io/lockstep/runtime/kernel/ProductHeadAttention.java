package io.lockstep.runtime.kernel;

import io.lockstep.runtime.kernel.Gemm.MatmulShape;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Attention of a head as two products around a softmax. */
public final class ProductHeadAttention implements HeadAttention {

  private final Gemm gemm;
  private final Reduce reduce;

  /** Attention on the products and the softmax of a backend. */
  public ProductHeadAttention(Gemm gemm, Reduce reduce) {
    this.gemm = gemm;
    this.reduce = reduce;
  }

  @Override
  public long workspaceBytes(Extent extent) {
    return scoreBytes(extent)
        + Math.max(
            gemm.matmulWorkspaceBytes(scores(extent)), gemm.matmulWorkspaceBytes(values(extent)));
  }

  private static long scoreBytes(Extent extent) {
    return (long) extent.queries() * extent.keys() * Float.BYTES;
  }

  private static MatmulShape scores(Extent extent) {
    return new MatmulShape(extent.queries(), extent.size(), extent.keys(), true);
  }

  private static MatmulShape values(Extent extent) {
    return new MatmulShape(extent.queries(), extent.keys(), extent.valueSize(), false);
  }

  @Override
  public void run(
      Extent extent,
      float scale,
      Rows q,
      Rows k,
      Rows v,
      @Nullable MemorySegment bias,
      Rows y,
      MemorySegment workspace) {
    Epilogue epilogue = bias == null ? Epilogue.NONE : Epilogue.of(bias, Activation.NONE);
    int keys = extent.keys();
    long scratch = scoreBytes(extent);
    multiply(
        scores(extent), q, k, scale, epilogue, workspace, scratch, new Rows(workspace, 0, keys));
    Reduce.Extent rows = new Reduce.Extent(extent.queries(), keys, 1);
    reduce.softmax(rows, workspace, 0, workspace, 0);
    Rows weights = new Rows(workspace, 0, keys);
    multiply(values(extent), weights, v, 1, Epilogue.NONE, workspace, scratch, y);
  }

  private void multiply(
      MatmulShape shape,
      Rows a,
      Rows b,
      float alpha,
      Epilogue epilogue,
      MemorySegment workspace,
      long scratch,
      Rows c) {
    gemm.matmulF32(
        shape,
        a.memory(),
        a.offset(),
        a.stride(),
        b.memory(),
        b.offset(),
        b.stride(),
        alpha,
        epilogue,
        workspace,
        scratch,
        c.memory(),
        c.offset(),
        c.stride());
  }
}
