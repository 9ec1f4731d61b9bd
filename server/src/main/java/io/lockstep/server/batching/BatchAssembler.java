package io.lockstep.server.batching;

import io.lockstep.runtime.BatchTraits.Axes;
import io.lockstep.runtime.GraphSession.Binding;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.server.serving.TensorMemory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Moves rows between requests and runs: gathers the rows of all members into the inputs of a run,
 * and scatters its outputs into memory of each member's own.
 *
 * <p>Rows stand along whatever axis the model counts items on. Rows shorter than the run's padded
 * length are followed by zeros, in the mask as in everything else, and come back at their own
 * length.
 */
public final class BatchAssembler {

  private final BatchRules rules;

  public BatchAssembler(BatchRules rules) {
    this.rules = rules;
  }

  /**
   * The input shapes of a run.
   *
   * @param paddedLength extent of the length axes; 0 leaves them as they are
   */
  public List<Shape> inputShapes(List<RequestPart> members, int rows, int paddedLength) {
    List<Tensor> first = members.getFirst().request().inputs();
    List<Shape> shapes = new ArrayList<>();
    for (int i = 0; i < first.size(); i++) {
      Axes axes = rules.traits().inputs().get(i);
      Shape shape = first.get(i).shape();
      if (axes.batchAxis() >= 0) {
        shape = shape.with(axes.batchAxis(), rows);
      }
      if (paddedLength > 0 && axes.lengthAxis() >= 0) {
        shape = shape.with(axes.lengthAxis(), paddedLength);
      }
      shapes.add(shape);
    }
    return shapes;
  }

  /** Writes the rows of all members into the inputs of a run, in order. */
  public void gather(List<RequestPart> members, Binding run) {
    int inputs = members.getFirst().request().inputs().size();
    for (int i = 0; i < inputs; i++) {
      Axes axes = rules.traits().inputs().get(i);
      Tensor target = run.input(i);
      if (axes.batchAxis() < 0) {
        target.copyFrom(members.getFirst().request().inputs().get(i));
        continue;
      }
      int[] to = new int[target.shape().rank()];
      for (RequestPart part : members) {
        gatherRows(part, part.request().inputs().get(i), axes, target, to);
        to[axes.batchAxis()] += part.rows();
      }
    }
  }

  private static void gatherRows(
      RequestPart part, Tensor source, Axes axes, Tensor target, int[] to) {
    int[] from = new int[to.length];
    from[axes.batchAxis()] = part.firstRow();
    int[] extents = source.shape().toArray();
    extents[axes.batchAxis()] = part.rows();
    Blocks.copy(source, from, target, to, extents);
    int length = axes.lengthAxis() < 0 ? 0 : source.shape().extent(axes.lengthAxis());
    if (axes.lengthAxis() >= 0 && length < target.shape().extent(axes.lengthAxis())) {
      int[] behind = to.clone();
      behind[axes.lengthAxis()] = length;
      extents[axes.lengthAxis()] = target.shape().extent(axes.lengthAxis()) - length;
      Blocks.clear(target, behind, extents);
    }
  }

  /**
   * The valid length of every row of a run.
   *
   * @return [rows], or null when every row fills the padded length
   */
  public int @Nullable [] validLengths(List<RequestPart> members, int rows, int paddedLength) {
    int[] lengths = new int[rows];
    boolean padded = false;
    int row = 0;
    for (RequestPart part : members) {
      int[] own = rules.validLengths(part.request().inputs());
      if (own == null) {
        return null;
      }
      for (int i = 0; i < part.rows(); i++) {
        lengths[row] = own[part.firstRow() + i];
        padded |= lengths[row] < paddedLength;
        row++;
      }
    }
    return padded ? lengths : null;
  }

  /** The type of one row of an output of a run; of all of it for an output that has no rows. */
  TensorType rowType(Binding run, int output) {
    int axis = rules.traits().outputs().get(output).batchAxis();
    TensorType type = run.output(output).type();
    return axis < 0 ? type : new TensorType(type.dtype(), type.shape().with(axis, 1));
  }

  /** Copies one row of an output into {@code target}, which has the type of a row. */
  void copyRow(Binding run, int output, int row, Tensor target) {
    int axis = rules.traits().outputs().get(output).batchAxis();
    int[] from = new int[target.shape().rank()];
    if (axis >= 0) {
      from[axis] = row;
    }
    Blocks.copy(run.output(output), from, target, new int[from.length], target.shape().toArray());
  }

  /**
   * Copies the wanted outputs of one member out of a run.
   *
   * @param firstRow where the member's rows start in the run
   * @param paddedLength as given to {@link #inputShapes}
   * @param memory owns the copies
   * @return those the request wants, in the order it wants them
   */
  public List<Tensor> scatter(
      Binding run, RequestPart part, int firstRow, int paddedLength, TensorMemory memory) {
    int ownLength = rules.length(part.request().inputs());
    List<Tensor> outputs = new ArrayList<>();
    for (int i : part.request().outputs()) {
      Axes axes = rules.traits().outputs().get(i);
      Tensor source = run.output(i);
      Shape shape = source.shape();
      int[] from = new int[shape.rank()];
      if (axes.batchAxis() >= 0) {
        shape = shape.with(axes.batchAxis(), part.rows());
        from[axes.batchAxis()] = firstRow;
      }
      if (axes.lengthAxis() >= 0 && paddedLength > ownLength) {
        shape = shape.with(axes.lengthAxis(), ownLength);
      }
      Tensor target = memory.allocate(new TensorType(source.dtype(), shape));
      Blocks.copy(source, from, target, new int[shape.rank()], shape.toArray());
      outputs.add(target);
    }
    return outputs;
  }
}
