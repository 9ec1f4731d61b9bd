package io.lockstep.server.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.BatchTraits;
import io.lockstep.runtime.BatchTraits.Axes;
import io.lockstep.runtime.BatchTraits.Mode;
import io.lockstep.runtime.Dimension;
import io.lockstep.runtime.ModelSignature;
import io.lockstep.runtime.TensorSpec;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.server.batching.SequenceRules.State;
import io.lockstep.server.config.ModelConfig;
import io.lockstep.server.serving.StateTraits.Pair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StateFinderTest {

  /** FLOAT32 with these extents; -1 is the batch axis and -2 another open one. */
  private static TensorSpec spec(String name, int... extents) {
    return new TensorSpec(
        name,
        DType.FLOAT32,
        Arrays.stream(extents)
            .mapToObj(extent ->
                extent < 0
                    ? Dimension.dynamic(extent == -1 ? "batch" : "length")
                    : Dimension.fixed(extent))
            .toList());
  }

  private static Axes axes(TensorSpec spec) {
    for (int axis = 0; axis < spec.dimensions().size(); axis++) {
      if ("batch".equals(spec.dimensions().get(axis).symbol())) {
        return new Axes(axis, -1);
      }
    }
    return Axes.NONE;
  }

  private static BatchTraits traits(ModelSignature signature) {
    return new BatchTraits(
        Mode.SAME_SHAPE,
        signature.inputs().stream().map(StateFinderTest::axes).toList(),
        signature.outputs().stream().map(StateFinderTest::axes).toList(),
        -1,
        "");
  }

  private static List<Pair> found(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    ModelSignature signature = new ModelSignature(inputs, outputs);
    return new StateFinder(signature, traits(signature)).find();
  }

  @Test
  void namesOfTheFieldPair() {
    for (String[] pair :
        new String[][] {
          {"state", "stateN"},
          {"h", "hn"},
          {"h", "h_out"},
          {"c0", "cn"},
          {"h_in", "h_out"},
          {"prev_hidden", "hidden"},
          {"conv_cache", "conv_cache_out"},
          {"past_h", "present_h"},
          {"lstm_state_in", "next_lstm_state"},
          {"encoder_cache", "new_encoder_cache"},
        }) {
      assertTrue(StateFinder.namesPair(pair[0], pair[1]), pair[0] + " " + pair[1]);
    }
  }

  @Test
  void otherNamesDoNot() {
    for (String[] pair :
        new String[][] {
          {"audio", "audio_out"},
          {"input", "output"},
          {"state", "state"},
          {"h", "c_out"},
          {"x", "xn"},
          {"statement", "statement_out"},
        }) {
      assertFalse(StateFinder.namesPair(pair[0], pair[1]), pair[0] + " " + pair[1]);
    }
  }

  @Test
  void shapesMustAgreeAndTheBatchAxisMayBeAnyOne() {
    List<TensorSpec> inputs = List.of(spec("x", -1, 4), spec("h", 2, -1, 8), spec("c", 2, -1, 8));
    assertEquals(
        List.of(new Pair("h", "hn"), new Pair("c", "cn")),
        found(inputs, List.of(spec("cn", 2, -1, 8), spec("y", -1), spec("hn", 2, -1, 8))));
    assertEquals(List.of(), found(inputs, List.of(spec("hn", 2, -1, 9))));
    assertEquals(List.of(), found(inputs, List.of(spec("hn", -1, 2, 8))));
  }

  @Test
  void whatIsNotBeyondDoubtIsNoState() {
    assertEquals(
        List.of(),
        found(
            List.of(spec("x", -1), spec("h", -1, 8)),
            List.of(spec("hn", -1, 8), spec("h_out", -1, 8))));
    assertEquals(List.of(), found(List.of(spec("h", -1, 8)), List.of(spec("hn", -1, 8))));
    assertEquals(
        List.of(), found(List.of(spec("x", -1), spec("h", -1, -2)), List.of(spec("hn", -1, -2))));
  }

  private static List<State> configured(@Nullable Path file, ModelConfig.State... states) {
    ModelSignature signature =
        new ModelSignature(
            List.of(spec("x", -1), spec("a", 2, -1), spec("past", -1, -2)),
            List.of(spec("b", 2, -1), spec("y", -1), spec("later", -1, -2)));
    return new StateLoader(signature, traits(signature), 1000)
        .configured(List.of(states), _ -> Optional.ofNullable(file));
  }

  private static void refuses(String message, ModelConfig.State... states) {
    InvalidModelException problem =
        assertThrows(InvalidModelException.class, () -> configured(null, states));
    assertEquals(message, problem.getMessage());
  }

  @Test
  void modelYamlNamesAnyPair(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("a.bin");
    Files.write(file, new byte[] {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, 0x40});
    State state = configured(file, new ModelConfig.State("a", "b", "a.bin")).getFirst();
    Tensor initial = state.initial();
    assertEquals(1, initial.getFloat(0));
    assertEquals(2, initial.getFloat(1));
    assertEquals(Shape.of(2, 1), initial.shape());
    Files.write(file, new byte[4]);
    assertThrows(
        InvalidModelException.class,
        () -> configured(file, new ModelConfig.State("a", "b", "a.bin")));
  }

  @Test
  void openAxesBeginEmpty() {
    State state =
        configured(null, new ModelConfig.State("past", "later", ModelConfig.State.ZEROS))
            .getFirst();
    assertEquals(Shape.of(1, 0), state.initial().shape());
  }

  @Test
  void modelYamlIsHeldToTheSignature() {
    refuses(
        "state: the model has no input 'z'",
        new ModelConfig.State("z", "b", ModelConfig.State.ZEROS));
    refuses(
        "state: the model has no output 'z'",
        new ModelConfig.State("a", "z", ModelConfig.State.ZEROS));
    refuses(
        "state: there is no file 'gone' beside the model", new ModelConfig.State("a", "b", "gone"));
    refuses(
        "state: input 'a' or output 'b' is named twice",
        new ModelConfig.State("a", "b", ModelConfig.State.ZEROS),
        new ModelConfig.State("a", "b", ModelConfig.State.ZEROS));
    assertThrows(
        InvalidModelException.class,
        () -> configured(null, new ModelConfig.State("x", "b", ModelConfig.State.ZEROS)));
  }
}
