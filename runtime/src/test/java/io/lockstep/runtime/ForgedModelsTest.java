package io.lockstep.runtime;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lockstep.runtime.error.ModelException;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.AttributeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.GraphProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.ModelProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.NodeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TensorProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TypeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.ValueInfoProto;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Model files made to reach outside their folder, to take all memory, or never to end. */
@Timeout(30)
final class ForgedModelsTest {

  private static final int FLOAT = 1;
  private static final int INT64 = 7;

  private static final RuntimeOptions OPTIONS =
      new RuntimeOptions(RuntimeOptions.KernelChoice.AUTO, ComputePool.CALLER, 4, 64L << 20);

  @TempDir Path folder;

  @Test
  void refusesExternalDataAboveTheFolder() throws IOException {
    Files.write(folder.resolve("secret"), new byte[8]);
    assertRefused(withWeight(external("../secret")));
  }

  @Test
  void refusesExternalDataByAbsolutePath() throws IOException {
    Path secret = Files.write(folder.resolve("secret"), new byte[8]);
    assertRefused(withWeight(external(secret.toAbsolutePath().toString())));
  }

  @Test
  void refusesExternalDataBehindALinkOutOfTheFolder() throws IOException {
    Path secret = Files.write(folder.resolve("secret"), new byte[8]);
    Files.createDirectories(folder.resolve("model"));
    Files.createSymbolicLink(folder.resolve("model/weights"), secret);
    assertRefused(withWeight(external("weights")));
  }

  @Test
  void refusesNegativeAndOverflowingShapes() throws IOException {
    for (long[] dims :
        new long[][] {
          {-1, 2}, {Long.MIN_VALUE}, {Long.MAX_VALUE}, {1L << 32, 1L << 32}, {1 << 30, 1 << 30, 16}
        }) {
      TensorProto.Builder weight = TensorProto.newBuilder().setName("w").setDataType(FLOAT);
      for (long dim : dims) {
        weight.addDims(dim);
      }
      assertRefused(withWeight(weight));
    }
  }

  @Test
  void refusesAConstantOfAHugeShape() throws IOException {
    for (long extent : new long[] {1 << 20, 1L << 40, Long.MAX_VALUE, -1}) {
      assertRefused(
          graph()
              .addInitializer(
                  TensorProto.newBuilder()
                      .setName("shape")
                      .setDataType(INT64)
                      .addDims(2)
                      .addInt64Data(extent)
                      .addInt64Data(1 << 10))
              .addNode(node("ConstantOfShape", "y", "shape")));
    }
  }

  @Test
  void refusesACycle() throws IOException {
    assertRefused(graph().addNode(node("Add", "a", "x", "y")).addNode(node("Relu", "y", "a")));
  }

  @Test
  void refusesEndlesslyNestedSubgraphs() throws IOException {
    GraphProto.Builder nested = graph().addNode(node("Relu", "y", "x"));
    for (int depth = 0; depth < 500; depth++) {
      AttributeProto branch =
          AttributeProto.newBuilder()
              .setName("then_branch")
              .setType(AttributeProto.AttributeType.GRAPH)
              .setG(nested.clearInput())
              .build();
      nested =
          graph()
              .addNode(
                  node("If", "y", "x").addAttribute(branch).addAttribute(branchOf("else_branch")));
    }
    assertRefused(nested);
  }

  private static AttributeProto branchOf(String name) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.GRAPH)
        .setG(graph().clearInput().addNode(node("Relu", "y", "x")))
        .build();
  }

  /** A graph of x, FP32 [2], to y, with no nodes yet. */
  private static GraphProto.Builder graph() {
    TypeProto.Builder type = TypeProto.newBuilder();
    type.getTensorTypeBuilder().setElemType(FLOAT).getShapeBuilder().addDimBuilder().setDimValue(2);
    return GraphProto.newBuilder()
        .setName("g")
        .addInput(ValueInfoProto.newBuilder().setName("x").setType(type))
        .addOutput(ValueInfoProto.newBuilder().setName("y"));
  }

  private static NodeProto.Builder node(String operator, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setOpType(operator)
        .addOutput(output)
        .addAllInput(List.of(inputs));
  }

  private static GraphProto.Builder withWeight(TensorProto.Builder weight) {
    return graph().addInitializer(weight).addNode(node("Add", "y", "x", "w"));
  }

  private static TensorProto.Builder external(String location) {
    TensorProto.Builder weight =
        TensorProto.newBuilder()
            .setName("w")
            .setDataType(FLOAT)
            .addDims(2)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL);
    weight.addExternalDataBuilder().setKey("location").setValue(location);
    return weight;
  }

  /** A sentence refuses the model, at the latest when it runs, and names no path of the machine. */
  private void assertRefused(GraphProto.Builder graph) throws IOException {
    ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(8).setGraph(graph);
    model.addOpsetImportBuilder().setDomain("").setVersion(17);
    Path file = Files.createDirectories(folder.resolve("model")).resolve("forged.onnx");
    Files.write(file, model.build().toByteArray());
    ModelException refused =
        assertThrows(
            ModelException.class,
            () -> {
              try (GraphModel loaded = ModelLoader.load(file, OPTIONS);
                  GraphSession session = loaded.newSession()) {
                session.bind(List.of(Shape.of(2))).run(1, null);
              }
            });
    assertFalse(refused.getMessage().contains(folder.toString()), refused.getMessage());
  }
}
