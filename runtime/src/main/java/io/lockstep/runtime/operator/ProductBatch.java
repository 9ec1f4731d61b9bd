package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.Gemm;
import io.lockstep.runtime.kernel.Gemm.MatmulShape;
import io.lockstep.runtime.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * A batch of float products of two run-time operands, shared out over the pool by product, and by
 * blocks of rows where there are few products.
 */
final class ProductBatch {

  /** Rows that one call should have at least, since each call may arrange b anew. */
  private static final int MIN_ROWS = 32;

  private final Gemm gemm;
  private final MatrixBatch batch;
  private final float alpha;
  private final ColumnBias bias;
  private final MatmulShape block; // the largest product that one call computes
  private final MatmulShape lastBlock; // what is left over for the last call of a product
  private final int blocks; // calls for each product
  private final ImageSplit split;

  /**
   * @param transposedB whether the matrices of b are [n, k]
   */
  ProductBatch(
      Gemm gemm, MatrixBatch batch, boolean transposedB, float alpha, Activation activation) {
    this.gemm = gemm;
    this.batch = batch;
    this.alpha = alpha;
    this.bias = new ColumnBias(activation);
    int wanted = 2 * Runtime.getRuntime().availableProcessors();
    int perProduct = Math.ceilDiv(wanted, Math.max(1, batch.count()));
    int most = Math.max(1, batch.rows() / MIN_ROWS);
    int rows = Math.max(1, Math.ceilDiv(batch.rows(), Math.min(perProduct, most)));
    this.blocks = Math.ceilDiv(batch.rows(), rows);
    this.block = new MatmulShape(rows, batch.k(), batch.n(), transposedB);
    int left = batch.rows() - (blocks - 1) * rows;
    this.lastBlock = new MatmulShape(left, batch.k(), batch.n(), transposedB);
    long bytes = gemm.matmulWorkspaceBytes(block);
    this.split = new ImageSplit(batch.count() * blocks, _ -> bytes);
  }

  /**
   * c = activation(alpha a b + bias).
   *
   * @param biasInput the input that holds float [n], or -1
   */
  PreparedOperator prepare(int biasInput) {
    return PreparedOperator.withWorkspace(
        split.workspaceBytes(),
        (in, out, run) -> {
          Epilogue epilogue = bias.with(biasInput < 0 ? null : in[biasInput]);
          split.run(
              run,
              (unit, workspace, _) -> product(unit, in[0], in[1], out[0], epilogue, workspace));
        });
  }

  private void product(
      int unit, Tensor a, Tensor b, Tensor c, Epilogue epilogue, MemorySegment workspace) {
    int product = unit / blocks;
    int blockIndex = unit % blocks;
    int firstRow = blockIndex * block.rows();
    gemm.matmulF32(
        blockIndex == blocks - 1 ? lastBlock : block,
        a.segment(),
        batch.a(product, firstRow, 0),
        batch.k(),
        b.segment(),
        batch.b(product, 0, 0),
        block.transposedB() ? batch.k() : batch.n(),
        alpha,
        epilogue,
        workspace,
        0,
        c.segment(),
        ((long) product * batch.rows() + firstRow) * batch.n(),
        batch.n());
  }

  /** The product from its definition, for other types than FLOAT32; c has the type of a. */
  static PreparedOperator direct(
      MatrixBatch batch, boolean transposedB, float alpha, int biasInput) {
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                batch.count() * batch.rows(),
                1,
                (from, to) -> {
                  for (int row = from; row < to; row++) {
                    directRow(batch, transposedB, alpha, in, biasInput, out[0], row);
                  }
                });
  }

  private static void directRow(
      MatrixBatch batch,
      boolean transposedB,
      float alpha,
      Tensor[] in,
      int biasInput,
      Tensor c,
      int row) {
    int product = row / batch.rows();
    int step = transposedB ? 1 : batch.n();
    for (int column = 0; column < batch.n(); column++) {
      long a = batch.a(product, row % batch.rows(), 0);
      long b = batch.b(product, 0, 0) + (transposedB ? (long) column * batch.k() : column);
      long at = (long) row * batch.n() + column;
      if (c.dtype().isFloat()) {
        double sum = 0;
        for (int i = 0; i < batch.k(); i++) {
          sum += in[0].asDouble(a + i) * in[1].asDouble(b + (long) i * step);
        }
        double bias = biasInput < 0 ? 0 : in[biasInput].asDouble(column);
        c.setFromDouble(at, alpha * sum + bias);
      } else {
        long sum = 0;
        for (int i = 0; i < batch.k(); i++) {
          sum += in[0].asLong(a + i) * in[1].asLong(b + (long) i * step);
        }
        c.setFromLong(at, sum + (biasInput < 0 ? 0 : in[biasInput].asLong(column)));
      }
    }
  }
}
