package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.ElementChain;
import io.lockstep.runtime.kernel.ElementChain.ByteScale;
import io.lockstep.runtime.kernel.ElementChain.Node;
import io.lockstep.runtime.kernel.ElementChain.Operand;
import io.lockstep.runtime.kernel.ElementChains.Loop;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Several elementwise operators, each of which only the next one reads, as one loop. Inputs
 * broadcast to the shape that all of them have together. Where types or shapes are not what the
 * loop takes, it stands for the graph that it was made of.
 *
 * @param original the operators, with the same inputs and output
 */
public record ElementwiseChain(ElementChain chain, Graph original) implements Operator {

  @Override
  public String name() {
    return "ElementwiseChain";
  }

  @Override
  public Optional<Graph> inline(OperatorInputs inputs) {
    return fits(inputs) ? Optional.empty() : Optional.of(original);
  }

  private boolean fits(OperatorInputs inputs) {
    for (Node node : chain.nodes()) {
      boolean isRight =
          switch (node) {
            case ElementChain.Input(int index) -> inputs.dtype(index) == DType.FLOAT32;
            case ElementChain.ByteInput(int index, ByteScale scale) ->
                inputs.dtype(index) == byteType(scale);
            default -> true; // what is between inputs and result
          };
      if (!isRight) {
        return false;
      }
    }
    Shape output = shape(inputs, chain.body());
    return output != null && isWhole(inputs, chain.body(), output);
  }

  private static DType byteType(ByteScale scale) {
    return scale.signed() ? DType.INT8 : DType.UINT8;
  }

  /** The shape of a node's value; null where its operands do not broadcast. */
  private static @Nullable Shape shape(OperatorInputs inputs, Node node) {
    return switch (node) {
      case ElementChain.Literal _ -> Shape.of();
      case ElementChain.Input(int index) -> inputs.shape(index);
      case ElementChain.ByteInput(int index, ByteScale _) -> inputs.shape(index);
      default -> {
        Shape all = Shape.of();
        for (Node operand : ElementChain.operands(node)) {
          Shape one = shape(inputs, operand);
          all = one == null || all == null ? null : BroadcastLoops.joined(all, one);
        }
        yield all;
      }
    };
  }

  /**
   * Whether each step has as many elements as the last one, so that none is repeated for nothing.
   */
  private static boolean isWhole(OperatorInputs inputs, Node node, Shape output) {
    List<Node> operands = ElementChain.operands(node);
    if (operands.isEmpty()) {
      return true;
    }
    Shape own = shape(inputs, node);
    return own != null
        && own.equals(output)
        && operands.stream().allMatch(operand -> isWhole(inputs, operand, output));
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape shape = shape(inputs, chain.body());
    if (shape == null) {
      throw inputs.invalid("the inputs do not broadcast");
    }
    ByteScale result = chain.result();
    return List.of(new TensorType(result == null ? DType.FLOAT32 : byteType(result), shape));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    TensorType y = outputTypes(inputs).getFirst();
    int columns = columns(inputs, y.shape());
    PreparedOperator body =
        columns > 0 ? matrix(inputs, context, y, columns) : stretches(inputs, context, y);
    for (int i = 0; i < inputs.count(); i++) {
      if (inputs.type(i).equals(y)) {
        return PreparedOperator.inPlace(i, body);
      }
    }
    return body;
  }

  /**
   * How many columns the output has as a matrix for which every input has one element for each
   * element, for each column, or for all; 0 where it is none.
   */
  private static int columns(OperatorInputs inputs, Shape output) {
    long columns = 0;
    for (int i = 0; i < inputs.count(); i++) {
      Shape x = inputs.shape(i);
      if (x.size() == 1 || x.equals(output)) {
        continue;
      }
      if (!isTail(x, output) || (columns > 0 && columns != x.size())) {
        return 0;
      }
      columns = x.size();
    }
    return (int) (columns == 0 ? Math.min(output.size(), Integer.MAX_VALUE) : columns);
  }

  /** Whether x has the last axes of the output, and units before them. */
  private static boolean isTail(Shape x, Shape output) {
    boolean isUnits = false;
    for (int i = 1; i <= x.rank(); i++) {
      isUnits |= x.extent(-i) != output.extent(-i);
      if (isUnits && x.extent(-i) != 1) {
        return false;
      }
    }
    return true;
  }

  private PreparedOperator matrix(
      OperatorInputs inputs, PrepareContext context, TensorType y, int columns) {
    List<Operand> operands = new ArrayList<>();
    for (int i = 0; i < inputs.count(); i++) {
      long size = inputs.shape(i).size();
      boolean isEach = inputs.shape(i).equals(y.shape());
      operands.add(isEach ? Operand.EACH : size == 1 ? Operand.ONE : Operand.COLUMN);
    }
    Loop loop = context.kernels().chains().loop(chain, operands);
    if (!operands.contains(Operand.COLUMN)) {
      return (in, out, run) ->
          Chunks.forEach(
              run.pool(),
              columns,
              (first, count) -> run(loop, operands, in, out[0], 1, (int) count, first));
    }
    int rows = Math.toIntExact(y.shape().size() / columns);
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                rows,
                Chunks.grainRows(columns),
                (from, to) ->
                    run(loop, operands, in, out[0], to - from, columns, (long) from * columns));
  }

  private static void run(
      Loop loop, List<Operand> operands, Tensor[] in, Tensor y, int rows, int columns, long first) {
    long[] offsets = new long[in.length];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = operands.get(i) == Operand.EACH ? first : 0;
    }
    loop.run(rows, columns, segments(in), offsets, y.segment(), first);
  }

  private static MemorySegment[] segments(Tensor[] in) {
    MemorySegment[] segments = new MemorySegment[in.length];
    for (int i = 0; i < in.length; i++) {
      segments[i] = in[i].segment();
    }
    return segments;
  }

  /** Stretches along which each input has an element of its own for each, or one for all. */
  private PreparedOperator stretches(OperatorInputs inputs, PrepareContext context, TensorType y) {
    Shape[] shapes = new Shape[inputs.count()];
    for (int i = 0; i < shapes.length; i++) {
      shapes[i] = inputs.shape(i);
    }
    BroadcastLoops loops = BroadcastLoops.of(y.shape(), shapes);
    List<Operand> operands = new ArrayList<>(Collections.nCopies(shapes.length, Operand.ONE));
    for (int i = 0; i < shapes.length; i++) {
      if (loops.isSpread(i)) {
        operands.set(i, Operand.EACH);
      }
    }
    Loop loop = context.kernels().chains().loop(chain, operands);
    return (in, out, run) ->
        loops.forEach(
            run.pool(),
            (stretch, from, to) -> {
              long[] offsets = new long[in.length];
              for (int i = 0; i < offsets.length; i++) {
                offsets[i] = loops.offset(i, stretch, from);
              }
              loop.run(
                  1,
                  to - from,
                  segments(in),
                  offsets,
                  out[0].segment(),
                  loops.output(stretch, from));
            });
  }
}
