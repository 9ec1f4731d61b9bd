package io.lockstep.server.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.BatchTraits;
import io.lockstep.runtime.BatchTraits.Axes;
import io.lockstep.runtime.BatchTraits.Mode;
import io.lockstep.runtime.Dimension;
import io.lockstep.runtime.ModelSignature;
import io.lockstep.runtime.TensorSpec;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import io.lockstep.server.batching.SequenceRules;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.NamedTensor;
import io.lockstep.server.serving.ServingException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RequestValidatorTest {

  private static final ModelSignature SIGNATURE =
      new ModelSignature(
          List.of(
              new TensorSpec(
                  "ids",
                  DType.INT64,
                  List.of(Dimension.dynamic("batch"), Dimension.dynamic("length"))),
              new TensorSpec(
                  "image",
                  DType.FLOAT32,
                  List.of(
                      Dimension.dynamic(null), Dimension.fixed(3), Dimension.dynamic("length")))),
          List.of(
              new TensorSpec("y", DType.FLOAT32, List.of(Dimension.dynamic("batch"))),
              new TensorSpec("z", DType.FLOAT32, List.of(Dimension.dynamic("batch")))));

  private final RequestValidator validator =
      new RequestValidator(
          SIGNATURE,
          new BatchTraits(
              Mode.SAME_SHAPE,
              List.of(new Axes(0, 1), new Axes(0, 2)),
              List.of(new Axes(0, -1), new Axes(0, -1)),
              -1,
              ""),
          SequenceRules.NONE,
          1000);

  private static NamedTensor ids(int... extents) {
    return new NamedTensor("ids", Tensors.zeros(TensorType.of(DType.INT64, extents)));
  }

  private static NamedTensor image(int... extents) {
    return new NamedTensor("image", Tensors.zeros(TensorType.of(DType.FLOAT32, extents)));
  }

  private void refuses(String message, NamedTensor... inputs) {
    ServingException problem =
        assertThrows(ServingException.class, () -> validator.inputs(List.of(inputs), null));
    assertEquals(ErrorCode.INVALID_ARGUMENT, problem.code());
    assertEquals(message, problem.getMessage());
  }

  @Test
  void inputsComeOutInTheModelsOrder() {
    List<Tensor> inputs = validator.inputs(List.of(image(2, 3, 5), ids(2, 5)), null);
    assertEquals(DType.INT64, inputs.getFirst().dtype());
  }

  @Test
  void missingSurplusAndDoubleInputsAreNamed() {
    String takes = "'ids' INT64[batch,length], 'image' FLOAT32[?,3,length]";
    refuses("input 'image' is missing; the model takes " + takes, ids(1, 1));
    refuses(
        "the model has no input 'x'; it takes " + takes, new NamedTensor("x", ids(1, 1).tensor()));
    refuses("input 'ids' is given twice", ids(1, 1), ids(1, 1));
  }

  @Test
  void typesRanksAndExtentsAreCompared() {
    refuses(
        "input 'ids': expected INT64 but got FLOAT32",
        new NamedTensor("ids", image(1, 1).tensor()),
        image(1, 3, 1));
    refuses(
        "input 'image': expected shape [?,3,length] but got [1,4,1]", ids(1, 1), image(1, 4, 1));
    refuses(
        "input 'image': expected shape [?,3,length] but got [3,1]; is the batch axis missing?",
        ids(1, 1),
        image(3, 1));
    refuses(
        "input 'image': axis 'length' has extent 6 but it is 5 in input 'ids'",
        ids(1, 5),
        image(1, 3, 6));
    refuses("input 'image' holds 3 items but input 'ids' holds 2", ids(2, 5), image(3, 3, 5));
    refuses("input 'ids' holds no items: shape [0,5]", ids(0, 5), image(0, 3, 5));
  }

  @Test
  void largeTensorsAreRefusedAsSuch() {
    ServingException problem =
        assertThrows(
            ServingException.class,
            () -> validator.inputs(List.of(ids(1, 126), image(1, 3, 126)), null));
    assertEquals(ErrorCode.PAYLOAD_TOO_LARGE, problem.code());
    assertTrue(problem.getMessage().contains("1008 bytes, more than the 1000"));
  }

  @Test
  void modelOfOneItemSaysSo() {
    RequestValidator single =
        new RequestValidator(
            new ModelSignature(
                List.of(
                    new TensorSpec(
                        "x", DType.FLOAT32, List.of(Dimension.fixed(1), Dimension.fixed(2)))),
                List.of()),
            new BatchTraits(Mode.NONE, List.of(Axes.NONE), List.of(), -1, ""),
            SequenceRules.NONE,
            1000);
    ServingException problem =
        assertThrows(
            ServingException.class,
            () -> single.inputs(List.of(new NamedTensor("x", image(4, 2).tensor())), null));
    assertEquals(
        "input 'x': expected shape [1,2] but got [4,2]; the model takes one item at a time",
        problem.getMessage());
  }

  @Test
  void outputsAreFoundInTheOrderAskedFor() {
    assertEquals(List.of(0, 1), validator.outputs(List.of(), false));
    assertEquals(List.of(1, 0), validator.outputs(List.of("z", "y"), false));
    for (List<String> wrong : List.of(List.of("w"), List.of("y", "y"))) {
      assertThrows(ServingException.class, () -> validator.outputs(wrong, false));
    }
  }
}
