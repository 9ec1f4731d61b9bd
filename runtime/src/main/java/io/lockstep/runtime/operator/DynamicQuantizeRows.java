package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.BatchLayout;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.graph.RunContext;
import io.lockstep.runtime.kernel.Quantize;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * Quantises each item of a batch by its own range, as {@link DynamicQuantizeLinear} does when the
 * item comes alone: the range is taken over the item's valid part only, so that neither its
 * neighbours nor padding can change its bytes. Padding is quantised with its item and saturates.
 *
 * <p>Input: x float [..., k]. Outputs: bytes UINT8 [..., k]; scale FLOAT32 and zero point INT32 of
 * each row, both [rows]. A tensor whose axes have no known roles counts as one item. A rewrite puts
 * one of these before all the {@link QuantMatMulRows} that share its input.
 */
public record DynamicQuantizeRows() implements Operator {

  @Override
  public String name() {
    return "DynamicQuantizeRows";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    if (inputs.dtype(0) != DType.FLOAT32 || inputs.shape(0).rank() == 0) {
      throw inputs.invalid("input is " + inputs.type(0) + ", expected FLOAT32 [..., k]");
    }
    Shape x = inputs.shape(0);
    Shape rows = Shape.of(x.product(0, x.rank() - 1));
    return List.of(
        inputs.type(0).withDType(DType.UINT8),
        new TensorType(DType.FLOAT32, rows),
        new TensorType(DType.INT32, rows));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    ItemRows rows = ItemRows.of(inputs.shape(0), context.axisRoles(0).orElse(null));
    Quantize kernel = context.kernels().quantize();
    return (in, out, run) -> {
      int items = rows.items(run.batch());
      run.pool()
          .parallelFor(
              items,
              Math.max(1, 16384 * items / Math.max(1, in[0].shape().intSize())),
              (from, to) -> {
                for (int item = from; item < to; item++) {
                  quantizeItem(rows, kernel, item, items, in[0], out, run);
                }
              });
    };
  }

  private static void quantizeItem(
      ItemRows rows, Quantize kernel, int item, int items, Tensor x, Tensor[] out, RunContext run) {
    BatchLayout batch = run.batch();
    int length = rows.rowLength();
    int stretchRows = rows.stretchRows(items);
    int most = rowsOfChunk(length);
    float min = 0;
    float max = 0;
    for (int stretch = 0; stretch < rows.stretches(); stretch++) {
      int row = rows.firstRow(stretch, item, items);
      int end = row + stretchRows;
      while (row < end) {
        int valid = rows.validElements(row, item, items, batch);
        int next = row + 1;
        while (valid == length
            && next < Math.min(end, row + most)
            && isWhole(rows, next, item, items, batch)) {
          next++; // rows without padding are looked at as one
        }
        long count = (next - row - 1L) * length + valid;
        if (count > 0) {
          min = Math.min(min, kernel.min(x.segment(), (long) row * length, count));
          max = Math.max(max, kernel.max(x.segment(), (long) row * length, count));
        }
        row = next;
      }
    }
    float scale = DynamicRange.scale(min, max);
    int zeroPoint = DynamicRange.zeroPoint(min, scale);
    for (int stretch = rows.stretches() - 1; stretch >= 0; stretch--) {
      int first = rows.firstRow(stretch, item, items);
      convert(kernel, first, stretchRows, length, scale, zeroPoint, x, out[0]);
      for (int row = first; row < first + stretchRows; row++) {
        out[1].setFloat(row, scale);
        out[2].setInt(row, zeroPoint);
      }
    }
  }

  /** From the end on, which the search for the range has left in the cache. */
  private static void convert(
      Quantize kernel,
      int first,
      int rows,
      int length,
      float scale,
      int zeroPoint,
      Tensor x,
      Tensor y) {
    int most = rowsOfChunk(length);
    for (int end = rows; end > 0; end -= most) {
      int from = Math.max(0, end - most);
      long offset = (long) (first + from) * length;
      long count = (long) (end - from) * length;
      kernel.quantize(x.segment(), offset, scale, zeroPoint, false, y.segment(), offset, count);
    }
  }

  private static int rowsOfChunk(int length) {
    return Math.max(1, DynamicRange.CHUNK / Math.max(1, length));
  }

  private static boolean isWhole(ItemRows rows, int row, int item, int items, BatchLayout batch) {
    return rows.validElements(row, item, items, batch) == rows.rowLength();
  }
}
