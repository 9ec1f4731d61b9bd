package io.lockstep.runtime.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BranchAssumptionTest {

  private static final TensorType FLAG = TensorType.of(DType.BOOL);

  private final Value rate = new Value("rate");
  private final Value rows = new Value("rows");
  private final Value condition = new Value("condition");
  private final BranchAssumption assumption = new BranchAssumption(0b10, List.of(rate));

  private record Anything() implements Operator {

    @Override
    public String name() {
      return "Anything";
    }

    @Override
    public List<TensorType> outputTypes(OperatorInputs inputs) {
      return List.of(FLAG);
    }

    @Override
    public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
      throw new UnsupportedOperationException("never run");
    }
  }

  private void follow(Value output, @Nullable Tensor constant, Value... inputs) {
    Node node = new Node("node", new Anything(), List.of(inputs), List.of(output));
    @Nullable Tensor[] constants = new @Nullable Tensor[inputs.length];
    constants[inputs.length - 1] = constant;
    assumption.follow(node, Arrays.asList(constants));
  }

  @Test
  void answersConditionsOfScalarsByTheBitsOfThePattern() {
    follow(condition, null, rate);
    Value second = new Value("second");
    follow(second, Tensors.scalar(16_000L), rate, new Value("constant"));
    assertFalse(assumption.answer(condition, FLAG).getBoolean(0));
    assertTrue(assumption.answer(second, FLAG).getBoolean(0));
    assertEquals(2, assumption.asked());
  }

  @Test
  void doesNotAnswerForWhatItemsMayDifferIn() {
    follow(condition, null, rate, rows);
    assertNull(assumption.answer(condition, FLAG));
    Value behind = new Value("behind");
    follow(behind, null, condition);
    assertNull(assumption.answer(behind, FLAG));
    assertEquals(0, assumption.asked());
  }

  @Test
  void answersForSingleFlagsAlone() {
    follow(condition, null, rate);
    assertNull(assumption.answer(condition, TensorType.of(DType.INT64)));
    assertNull(assumption.answer(condition, TensorType.of(DType.BOOL, 2)));
  }
}
