package io.lockstep.runtime.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensors;
import org.junit.jupiter.api.Test;

class EliminateIdentityTest {

  private final Sketched sketch = new Sketched();

  private long left(String operator, Value output) {
    Graph after = sketch.rewritten(new EliminateIdentity(), sketch.graph(output));
    return Sketched.count(after, operator);
  }

  @Test
  void aDropoutThatDropsNothingIsPassedBy() {
    Value kept = sketch.node("Dropout", sketch.input(2, 3));
    assertEquals(0, left("Dropout", sketch.node("Relu", kept)));
  }

  @Test
  void aDropoutThatIsToldNotToTrainIsPassedBy() {
    Value training = sketch.constant(Tensors.ofBooleans(Shape.of(), false));
    Value kept = sketch.node("Dropout", sketch.input(2, 3), sketch.constant(1), training);
    assertEquals(0, left("Dropout", sketch.node("Relu", kept)));
  }

  @Test
  void aDropoutThatTrainsStaysToBeRefused() {
    Value training = sketch.constant(Tensors.ofBooleans(Shape.of(), true));
    Value kept = sketch.node("Dropout", sketch.input(2, 3), sketch.constant(1), training);
    assertEquals(1, left("Dropout", sketch.node("Relu", kept)));
  }

  @Test
  void anOutputOfTheGraphKeepsAValueOfItsOwn() {
    assertEquals(1, left("Identity", sketch.node("Identity", sketch.input(2, 3))));
  }
}
