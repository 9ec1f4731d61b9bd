package io.lockstep.server.batching;

import io.lockstep.runtime.BatchTraits.Axes;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.server.batching.PendingRequest.Answer;
import io.lockstep.server.serving.TensorMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The outputs of a request that was split, until the last part is there and all are joined. */
final class JoinedOutputs implements AutoCloseable {

  private final List<Axes> axes; // of each output
  private final @Nullable Answer[] parts; // [parts]
  private int missing;

  JoinedOutputs(int count, List<Axes> axes) {
    this.axes = axes;
    this.parts = new @Nullable Answer[count];
    this.missing = count;
  }

  /** Keeps a part; the whole when it was the last one missing, else null. */
  @Nullable Answer add(int index, Answer part) {
    parts[index] = part;
    missing--;
    if (missing > 0) {
      return null;
    }
    TensorMemory memory = new TensorMemory();
    try {
      List<Tensor> outputs = new ArrayList<>();
      for (int i = 0; i < part.outputs().size(); i++) {
        outputs.add(join(i, memory));
      }
      return new Answer(outputs, memory, part.batch());
    } catch (RuntimeException problem) {
      memory.close();
      throw problem;
    } finally {
      close();
    }
  }

  /** All parts of one output behind each other along its batch axis. */
  private Tensor join(int output, TensorMemory memory) {
    List<Tensor> pieces = new ArrayList<>();
    for (Answer part : parts) {
      pieces.add(Objects.requireNonNull(part).outputs().get(output));
    }
    int axis = axes.get(output).batchAxis();
    Tensor first = pieces.getFirst();
    if (axis < 0) {
      Tensor whole = memory.allocate(first.type());
      whole.copyFrom(first);
      return whole;
    }
    int rows = pieces.stream().mapToInt(piece -> piece.shape().extent(axis)).sum();
    Shape shape = first.shape().with(axis, rows);
    Tensor whole = memory.allocate(new TensorType(first.dtype(), shape));
    int[] to = new int[shape.rank()];
    for (Tensor piece : pieces) {
      Shape own = piece.shape();
      if (!own.with(axis, rows).equals(shape)) {
        throw new IllegalStateException(
            "parts of " + first.shape() + " and " + own + " do not join");
      }
      Blocks.copy(piece, new int[shape.rank()], whole, to, own.toArray());
      to[axis] += own.extent(axis);
    }
    return whole;
  }

  /** Gives the parts back; a second call does nothing. */
  @Override
  public void close() {
    for (int i = 0; i < parts.length; i++) {
      Answer part = parts[i];
      if (part != null) {
        part.memory().close();
        parts[i] = null;
      }
    }
  }
}
