package io.lockstep.loadtest.graph;

import static io.lockstep.loadtest.graph.GraphFile.attribute;

import io.lockstep.loadtest.graph.CaseInput.Values;
import io.lockstep.loadtest.graph.GraphCase.Arithmetic;
import io.lockstep.loadtest.graph.GraphFile.ElementType;
import java.util.List;

/** Products of matrices, of floats, of bytes and of blocks. */
final class ProductCases {

  private static final int FEW_ROWS = 16;
  private static final int[] ROWS = {1, 4, 8, 16, 32, 128, 1024};

  /** Columns and reduction. */
  private static final int[][] MATRICES = {
    {384, 384}, {1536, 384}, {384, 1536}, {768, 768}, {3072, 768}, {768, 3072}
  };

  private static final int[] CORNER_ROWS = {1, 16, 128, 1024};

  /** The largest and the most oblong, with fewer numbers of rows. */
  private static final int[][] CORNERS = {{3072, 3072}, {3072, 384}, {384, 3072}};

  private final KernelCases cases;

  private ProductCases(KernelCases cases) {
    this.cases = cases;
  }

  /** Adds them all. */
  static void addTo(KernelCases cases) {
    new ProductCases(cases).products();
  }

  private void products() {
    for (int[] matrix : MATRICES) {
      int n = matrix[0];
      int k = matrix[1];
      for (int m : ROWS) {
        boolean isBrief = k == 768 && n != 3072 && m != 4 && m != 32;
        gemm(m, n, k, isBrief);
        integerGemm(m, n, k, isBrief);
        dynamicGemm(m, n, k, isBrief);
      }
    }
    for (int[] corner : CORNERS) {
      for (int m : CORNER_ROWS) {
        gemm(m, corner[0], corner[1], false);
        integerGemm(m, corner[0], corner[1], false);
      }
    }
    gemm(384, 384, 384, true);
    integerGemm(384, 384, 384, true);
    dynamicGemm(384, 384, 384, true);
    for (int bits : new int[] {4, 8}) {
      for (int m : new int[] {1, 8, 128}) {
        blockGemm(m, 4096, 4096, bits, Arithmetic.BYTES);
        blockGemm(m, 4096, 4096, bits, Arithmetic.FLOATS);
      }
    }
  }

  private void gemm(int m, int n, int k, boolean isBrief) {
    GraphFile file =
        new GraphFile()
            .input("a", ElementType.FLOAT, m, k)
            .random("b", ElementType.FLOAT, k, n)
            .node("MatMul", List.of("a", "b"), "y")
            .output("y", ElementType.FLOAT, m, n);
    cases.add(
        extents("gemm f32", m, n, k),
        m <= FEW_ROWS ? Section.FEW_ROWS : Section.PRODUCTS,
        Arithmetic.FLOATS,
        2.0 * m * n * k,
        file,
        isBrief,
        CaseInput.floats("a", m, k));
  }

  private void integerGemm(int m, int n, int k, boolean isBrief) {
    GraphFile file =
        new GraphFile()
            .input("a", ElementType.UINT8, m, k)
            .random("b", ElementType.INT8, k, n)
            .filled("zero", ElementType.UINT8, 128)
            .node("MatMulInteger", List.of("a", "b", "zero"), "y")
            .output("y", ElementType.INT32, m, n);
    cases.add(
        extents("gemm i8", m, n, k),
        Section.INTEGER_PRODUCTS,
        Arithmetic.BYTES,
        2.0 * m * n * k,
        file,
        isBrief,
        CaseInput.of("a", Values.BYTES, m, k));
  }

  private void dynamicGemm(int m, int n, int k, boolean isBrief) {
    GraphFile file =
        new GraphFile()
            .input("a", ElementType.FLOAT, m, k)
            .random("b", ElementType.INT8, k, n)
            .filled("scale", ElementType.FLOAT, 0.004f, n)
            .node("com.microsoft:DynamicQuantizeMatMul", List.of("a", "b", "scale"), "y")
            .output("y", ElementType.FLOAT, m, n);
    cases.add(
        extents("gemm dynamic i8", m, n, k),
        Section.DYNAMIC_PRODUCTS,
        Arithmetic.BYTES,
        2.0 * m * n * k,
        file,
        isBrief,
        CaseInput.floats("a", m, k));
  }

  private static String extents(String name, int m, int n, int k) {
    return name + " " + m + "," + n + "," + k;
  }

  /**
   * Rows times blocks of 32 integers with a scale each, as language models store weights.
   *
   * @param arithmetic BYTES where activations may be rounded to them
   */
  private void blockGemm(int m, int n, int k, int bits, Arithmetic arithmetic) {
    int block = 32;
    boolean rounds = arithmetic == Arithmetic.BYTES;
    GraphFile file =
        new GraphFile()
            .input("a", ElementType.FLOAT, m, k)
            .random("b", ElementType.UINT8, n, k / block, block * bits / 8)
            .filled("scales", ElementType.FLOAT, 0.004f, (long) n * k / block)
            .node(
                "com.microsoft:MatMulNBits",
                List.of("a", "b", "scales"),
                "y",
                attribute("K", k),
                attribute("N", n),
                attribute("bits", bits),
                attribute("block_size", block),
                attribute("accuracy_level", rounds ? 4 : 1))
            .output("y", ElementType.FLOAT, m, n);
    cases.add(
        extents("blocks of " + bits + " bits" + (rounds ? "" : " times floats"), m, n, k),
        Section.BLOCK_PRODUCTS,
        m == 1 ? Arithmetic.READS : arithmetic,
        m == 1 ? (double) file.constantBytes() : 2.0 * m * n * k,
        file,
        m < 128 && rounds,
        CaseInput.floats("a", m, k));
  }
}
