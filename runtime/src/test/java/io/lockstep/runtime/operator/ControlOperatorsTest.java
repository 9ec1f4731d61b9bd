package io.lockstep.runtime.operator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.Tensors;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Branches and loops over tiny graphs. */
final class ControlOperatorsTest {

  private static OperatorRunner runner() {
    return OperatorRunner.on(ScalarKernels.create());
  }

  private static Operator standard(String name) {
    return Sketch.standard(name, 2, 1);
  }

  /** A graph of one node over captured x and y. */
  private static Graph binary(String operator) {
    Value x = new Value("x");
    Value y = new Value("y");
    Value z = new Value("z");
    Node node = new Node(operator, standard(operator), List.of(x, y), List.of(z));
    return new Graph(List.of(x, y), List.of(z), List.of(node), Map.of());
  }

  @Test
  void ifStandsForTheTakenBranch() {
    Operator branch =
        If.of(
            Attributes.of("If")
                .with("then_branch", binary("Add"))
                .with("else_branch", binary("Mul"))
                .captures(2));
    Tensor two = Tensors.scalar(2f);
    Tensor five = Tensors.scalar(5f);
    Tensor yes = Tensors.ofBooleans(Shape.scalar(), true);
    Tensor no = Tensors.ofBooleans(Shape.scalar(), false);
    assertEquals(7, runner().first(branch, yes, two, five).getFloat(0));
    assertEquals(10, runner().first(branch, no, two, five).getFloat(0));
    assertThrows(
        InvalidModelException.class,
        () -> runner().first(branch, Tensors.ofBooleans(Shape.of(0)), two, five));
  }

  /** (iteration, condition, sum, step) to (sum + step < 10, sum + step, sum + step). */
  private static Graph summing() {
    Value iteration = new Value("iteration");
    Value condition = new Value("condition");
    Value sum = new Value("sum");
    Value step = new Value("step");
    Value next = new Value("next");
    Value going = new Value("going");
    Value limit = new Value("limit");
    return new Graph(
        List.of(iteration, condition, sum, step),
        List.of(going, next, next),
        List.of(
            new Node("add", standard("Add"), List.of(sum, step), List.of(next)),
            new Node("less", standard("Less"), List.of(next, limit), List.of(going))),
        Map.of(limit, Tensors.scalar(10f)));
  }

  @Test
  void loopEndsByItsConditionAndStacksWhatItScans() {
    Operator loop = Loop.of(Attributes.of("Loop").with("body", summing()).captures(1));
    List<Tensor> results = runner().run(loop, null, null, Tensors.scalar(1f), Tensors.scalar(4f));
    assertEquals(13, results.get(0).getFloat(0));
    assertArrayEquals(new float[] {5, 9, 13}, results.get(1).toFloats());
  }

  @Test
  void loopEndsByItsTripCount() {
    Operator loop = Loop.of(Attributes.of("Loop").with("body", summing()).captures(1));
    List<Tensor> results =
        runner().run(loop, Tensors.scalar(2L), null, Tensors.scalar(1f), Tensors.scalar(4f));
    assertArrayEquals(new float[] {5, 9}, results.get(1).toFloats());
    List<Tensor> none =
        runner().run(loop, Tensors.scalar(0L), null, Tensors.scalar(1f), Tensors.scalar(4f));
    assertEquals(1, none.get(0).getFloat(0));
    assertEquals(0, none.get(1).size());
  }

  /** (sum, slice) to (sum + slice, sum + slice). */
  private static Graph running() {
    Value sum = new Value("sum");
    Value slice = new Value("slice");
    Value next = new Value("next");
    return new Graph(
        List.of(sum, slice),
        List.of(next, next),
        List.of(new Node("add", standard("Add"), List.of(sum, slice), List.of(next))),
        Map.of());
  }

  @Test
  void scanWalksAnAxisForwardsAndBackwards() {
    Tensor sequence = Tensors.ofFloats(Shape.of(2, 3), 1, 2, 3, 10, 20, 30);
    Tensor zero = Tensors.ofFloats(Shape.of(2), 0, 0);
    Operator forwards =
        Scan.of(
            Attributes.of("Scan")
                .with("body", running())
                .with("num_scan_inputs", 1L)
                .ints("scan_input_axes", 1)
                .ints("scan_output_axes", 1));
    List<Tensor> results = runner().run(forwards, zero, sequence);
    assertArrayEquals(new float[] {6, 60}, results.get(0).toFloats());
    assertArrayEquals(new float[] {1, 3, 6, 10, 30, 60}, results.get(1).toFloats());
    Operator backwards =
        Scan.of(
            Attributes.of("Scan")
                .with("body", running())
                .with("num_scan_inputs", 1L)
                .ints("scan_input_axes", 1)
                .ints("scan_output_axes", 1)
                .ints("scan_input_directions", 1)
                .ints("scan_output_directions", 1));
    assertArrayEquals(
        new float[] {6, 5, 3, 60, 50, 30},
        runner().run(backwards, zero, sequence).get(1).toFloats());
  }
}
