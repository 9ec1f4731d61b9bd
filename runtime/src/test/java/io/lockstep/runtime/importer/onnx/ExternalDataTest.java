package io.lockstep.runtime.importer.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.lockstep.runtime.GraphModel;
import io.lockstep.runtime.GraphSession;
import io.lockstep.runtime.ModelLoader;
import io.lockstep.runtime.RuntimeOptions;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.GraphProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.ModelProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.NodeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.OperatorSetIdProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.StringStringEntryProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TensorProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TensorShapeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TypeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.ValueInfoProto;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExternalDataTest {

  private static final int OFFSET = 12;

  @TempDir Path folder;

  @Test
  void weightsAreReadFromTheFileBesideTheModel() throws IOException {
    ByteBuffer weights = ByteBuffer.allocate(OFFSET + 3 * Float.BYTES);
    weights.order(ByteOrder.LITTLE_ENDIAN).position(OFFSET);
    weights.putFloat(10).putFloat(20).putFloat(30);
    Files.createDirectory(folder.resolve("data"));
    Files.write(folder.resolve("data/weights.bin"), weights.array());
    Path file = folder.resolve("model.onnx");
    Files.write(file, sum("data/weights.bin").toByteArray());
    try (GraphModel model = ModelLoader.load(file, RuntimeOptions.defaults());
        GraphSession session = model.newSession()) {
      GraphSession.Binding binding = session.bind(List.of(Shape.of(3)));
      for (int i = 0; i < 3; i++) {
        binding.input(0).setFloat(i, i + 1);
      }
      binding.run(1, null);
      assertArrayEquals(new float[] {11, 22, 33}, binding.output(0).toFloats());
    }
  }

  /** y = x + w, with w float [3] in another file. */
  private static ModelProto sum(String location) {
    TensorProto weights =
        TensorProto.newBuilder()
            .setName("w")
            .setDataType(DType.FLOAT32.onnxCode())
            .addDims(3)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(entry("location", location))
            .addExternalData(entry("offset", Integer.toString(OFFSET)))
            .addExternalData(entry("length", "12"))
            .build();
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
        .setGraph(
            GraphProto.newBuilder()
                .addInitializer(weights)
                .addInput(value("x"))
                .addOutput(value("y"))
                .addNode(
                    NodeProto.newBuilder()
                        .setOpType("Add")
                        .addInput("x")
                        .addInput("w")
                        .addOutput("y")))
        .build();
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  private static ValueInfoProto value(String name) {
    TensorShapeProto shape =
        TensorShapeProto.newBuilder()
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(3))
            .build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(DType.FLOAT32.onnxCode())
                        .setShape(shape)))
        .build();
  }
}
