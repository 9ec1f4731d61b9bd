package io.lockstep.server.serving;

import java.util.List;

/**
 * The answer to one request. Whoever receives it closes it once it is written; the tensors are
 * invalid from then on.
 */
public final class InferResponse implements AutoCloseable {

  private final String model;
  private final String version;
  private final List<NamedTensor> outputs;
  private final BatchInfo batch;
  private final TensorMemory memory;

  /**
   * An answer.
   *
   * @param outputs in the order the request named them, or the signature's
   * @param memory owns the tensors of the outputs
   */
  public InferResponse(
      String model,
      String version,
      List<NamedTensor> outputs,
      BatchInfo batch,
      TensorMemory memory) {
    this.model = model;
    this.version = version;
    this.outputs = List.copyOf(outputs);
    this.batch = batch;
    this.memory = memory;
  }

  public String model() {
    return model;
  }

  /** The version that answered. */
  public String version() {
    return version;
  }

  public List<NamedTensor> outputs() {
    return outputs;
  }

  /** The batch it ran in; the last one for a request that was split. */
  public BatchInfo batch() {
    return batch;
  }

  @Override
  public void close() {
    memory.close();
  }
}
