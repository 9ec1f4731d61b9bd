package io.lockstep.runtime.kernel;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** What every backend owes: one subclass per backend, with nothing in it but its kernels. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class KernelConformance
    implements GemmConformance,
        QuantGemmConformance,
        BlockGemmConformance,
        NBitsGemmConformance,
        AttentionConformance,
        HeadAttentionConformance,
        ConvConformance,
        ElementwiseConformance,
        PrecisionConformance,
        ElementChainsConformance,
        TypedChainsConformance,
        RowChainsConformance,
        ReduceConformance,
        PoolConformance,
        QuantizeConformance,
        CopiesConformance {

  private ThreadedPool threads = new ThreadedPool(1);

  @Override
  public ComputePool threads() {
    return threads;
  }

  @BeforeAll
  void startThreads() {
    threads = new ThreadedPool(3);
  }

  @AfterAll
  void endThreads() {
    threads.close();
  }
}
