package io.lockstep.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.ModelProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.NodeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TensorProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TensorShapeProto.Dimension;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TypeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.ValueInfoProto;
import io.lockstep.runtime.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GraphSessionTest {

  private static final int[] SIZES = {1, 3, 1, 40, 3, 1, 700, 40, 1, 5000, 3, 700, 1};

  @Test
  void plansStayUsableWhileTheArenaGrows() {
    try (GraphModel model = demand();
        GraphSession session = model.newSession()) {
      float[] first = null;
      for (int rows : SIZES) {
        float[] row = firstRow(session, rows);
        first = first == null ? row : first;
        assertArrayEquals(first, row, "with " + rows + " rows");
      }
      assertEquals(5, session.planUse().misses(), "a plan for each number of rows");
    }
  }

  @Test
  void closingGivesAllMemoryBack() {
    GraphModel model = demand();
    GraphSession session = model.newSession();
    firstRow(session, 8);
    assertTrue(model.memory().activations() > 0);
    session.close();
    assertEquals(0, model.memory().activations());
    model.close();
    assertEquals(0, model.memory().mapped());
  }

  @Test
  void refusesShapesThatDoNotFitTheSignature() {
    try (GraphModel model = demand();
        GraphSession session = model.newSession()) {
      InvalidInputException refusal =
          assertThrows(
              InvalidInputException.class, () -> session.bind(List.of(Shape.of(1, 48, 4))));
      assertTrue(refusal.getMessage().contains("[1,48,4]"), refusal.getMessage());
      assertEquals(24, firstRow(session, 2).length);
    }
  }

  @Test
  void namesTheInputsWhoseShapesAnOperatorCannotTake(@TempDir Path folder) throws IOException {
    TypeProto.Builder anyLength = TypeProto.newBuilder();
    anyLength
        .getTensorTypeBuilder()
        .setElemType(1)
        .getShapeBuilder()
        .addDim(Dimension.newBuilder().setDimParam("batch"))
        .addDim(Dimension.newBuilder().setDimParam("samples"));
    ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(8);
    model.addOpsetImportBuilder().setVersion(17);
    model
        .getGraphBuilder()
        .addInput(ValueInfoProto.newBuilder().setName("frame").setType(anyLength))
        .addInitializer(
            TensorProto.newBuilder()
                .setName("window")
                .setDataType(1)
                .addDims(3)
                .addAllFloatData(List.of(1f, 2f, 3f)))
        .addNode(
            NodeProto.newBuilder()
                .setName("windowed")
                .setOpType("Mul")
                .addInput("frame")
                .addInput("window")
                .addOutput("y"))
        .addOutput(ValueInfoProto.newBuilder().setName("y").setType(anyLength));
    Path file = Files.write(folder.resolve("model.onnx"), model.build().toByteArray());
    try (GraphModel loaded = ModelLoader.load(file, RuntimeOptions.defaults());
        GraphSession session = loaded.newSession()) {
      InvalidInputException refusal =
          assertThrows(InvalidInputException.class, () -> session.bind(List.of(Shape.of(1, 5))));
      assertTrue(
          refusal
              .getMessage()
              .startsWith(
                  "the model cannot run inputs of shapes 'frame' [1,5]: node 'windowed': Mul: "),
          refusal.getMessage());
      session.bind(List.of(Shape.of(2, 3)));
    }
  }

  @Test
  void constantsThatWereReplacedWhileAModelLoadedAreGivenBack() throws IOException {
    Path file = TestFolders.models("repository/ppocr-rec/1/model.onnx");
    try (GraphModel model = ModelLoader.load(file, RuntimeOptions.defaults())) {
      GraphModel.MemoryUse use = model.memory();
      double held = (use.weights() + use.mapped()) / (double) Files.size(file);
      assertTrue(held < 1.3, () -> "weights take " + held + " times what the file does");
    }
  }

  @Test
  void aModelWithOpenSessionsIsNotClosed() {
    GraphModel model = demand();
    try (GraphSession session = model.newSession()) {
      assertTrue(session.memoryBytes() >= 0);
      assertThrows(IllegalStateException.class, model::close);
    }
    model.close();
  }

  /** The recurrent demo model: history [batch, time, 3] to forecast [batch, 24]. */
  private static GraphModel demand() {
    return ModelLoader.load(
        TestFolders.models("repository/hourly-demand/1/model.onnx"), RuntimeOptions.defaults());
  }

  private static float[] firstRow(GraphSession session, int rows) {
    GraphSession.Binding binding = session.bind(List.of(Shape.of(rows, 24, 3)));
    for (int i = 0; i < rows * 24 * 3; i++) {
      binding.input(0).setFloat(i, (i % 72) * 0.25f);
    }
    binding.run(rows, null);
    float[] row = new float[24];
    for (int i = 0; i < row.length; i++) {
      row[i] = binding.output(0).getFloat(i);
    }
    return row;
  }
}
