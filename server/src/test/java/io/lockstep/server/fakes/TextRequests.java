package io.lockstep.server.fakes;

import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.server.serving.InferRequest;
import io.lockstep.server.serving.NamedTensor;
import io.lockstep.server.serving.PhaseClock;
import io.lockstep.server.serving.TensorMemory;
import io.lockstep.server.serving.Ticker;
import java.util.List;

/** Requests for {@link FakeModel}. */
public final class TextRequests {

  private TextRequests() {}

  /** A request of rows of ids, all of one length, without padding. */
  public static InferRequest.Builder of(String model, Ticker ticker, long[]... rows) {
    TensorMemory memory = new TensorMemory();
    TensorType type = new TensorType(DType.INT64, Shape.of(rows.length, rows[0].length));
    Tensor ids = memory.allocate(type);
    Tensor mask = memory.allocate(type);
    for (int row = 0; row < rows.length; row++) {
      for (int i = 0; i < rows[0].length; i++) {
        ids.setLong((long) row * rows[0].length + i, rows[row][i]);
        mask.setLong((long) row * rows[0].length + i, 1);
      }
    }
    return InferRequest.builder(model, memory, PhaseClock.start(ticker))
        .inputs(
            List.of(new NamedTensor("input_ids", ids), new NamedTensor("attention_mask", mask)));
  }
}
