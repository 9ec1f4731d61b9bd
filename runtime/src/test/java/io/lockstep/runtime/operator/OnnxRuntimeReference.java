package io.lockstep.runtime.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import com.google.protobuf.ByteString;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.AttributeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.GraphProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.ModelProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.NodeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.OperatorSetIdProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TensorShapeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TypeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.ValueInfoProto;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What ONNX Runtime says of one node: the reference where ONNX has no test cases of its own. */
final class OnnxRuntimeReference {

  private static final int DOMAIN_VERSION_ML = 3;

  private static final Set<DType> UNKNOWN_TO_JAVA =
      Set.of(DType.UINT16, DType.UINT32, DType.UINT64);

  private OnnxRuntimeReference() {}

  /**
   * Runs a model of one node.
   *
   * @param domain the operator's domain
   * @param attributes its name, attributes and how many outputs are wanted
   * @param inputs the node's inputs; null for one left out; all but those left out come with the
   *     run
   * @param constants how many of the last inputs are part of the model instead
   */
  static List<Tensor> run(String domain, Attributes attributes, int constants, Tensor... inputs)
      throws OrtException {
    NodeProto.Builder node =
        NodeProto.newBuilder().setOpType(attributes.operator()).setDomain(domain).setName("node");
    attributes.values().forEach((name, value) -> node.addAttribute(attribute(name, value)));
    GraphProto.Builder graph = GraphProto.newBuilder().setName("reference");
    Map<String, OnnxTensor> feeds = new HashMap<>();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    for (int i = 0; i < inputs.length; i++) {
      String name = inputs[i] == null ? "" : "in" + i;
      node.addInput(name);
      if (inputs[i] == null) {
        continue;
      }
      if (i >= inputs.length - constants) {
        graph.addInitializer(Protos.proto(name, inputs[i]));
      } else {
        graph.addInput(declared(name, inputs[i].type()));
        feeds.put(name, onnx(environment, inputs[i]));
      }
    }
    for (int i = 0; i < attributes.outputCount(); i++) {
      node.addOutput("out" + i);
      graph.addOutput(ValueInfoProto.newBuilder().setName("out" + i));
    }
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(9)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(19))
            .addOpsetImport(version("ai.onnx.ml", DOMAIN_VERSION_ML))
            .addOpsetImport(version("com.microsoft", 1))
            .setGraph(graph.addNode(node))
            .build();
    try (OrtSession session = environment.createSession(model.toByteArray());
        OrtSession.Result result = session.run(feeds)) {
      List<Tensor> outputs = new ArrayList<>();
      for (int i = 0; i < attributes.outputCount(); i++) {
        outputs.add(tensor(result.get("out" + i).orElseThrow()));
      }
      return outputs;
    }
  }

  private static OperatorSetIdProto version(String domain, int version) {
    return OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version).build();
  }

  private static AttributeProto attribute(String name, Object value) {
    AttributeProto.Builder proto = AttributeProto.newBuilder().setName(name);
    switch (value) {
      case Long number -> proto.setType(AttributeProto.AttributeType.INT).setI(number);
      case Float number -> proto.setType(AttributeProto.AttributeType.FLOAT).setF(number);
      case String text ->
          proto.setType(AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(text));
      case long[] numbers -> {
        proto.setType(AttributeProto.AttributeType.INTS);
        for (long number : numbers) {
          proto.addInts(number);
        }
      }
      case float[] numbers -> {
        proto.setType(AttributeProto.AttributeType.FLOATS);
        for (float number : numbers) {
          proto.addFloats(number);
        }
      }
      case List<?> texts -> {
        proto.setType(AttributeProto.AttributeType.STRINGS);
        texts.forEach(text -> proto.addStrings(ByteString.copyFromUtf8(text.toString())));
      }
      case Tensor tensor ->
          proto.setType(AttributeProto.AttributeType.TENSOR).setT(Protos.proto(name, tensor));
      default -> throw new IllegalArgumentException(name + " is " + value.getClass());
    }
    return proto.build();
  }

  private static ValueInfoProto declared(String name, TensorType type) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (int extent : type.shape().toArray()) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(extent));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(type.dtype().onnxCode())
                        .setShape(shape)))
        .build();
  }

  private static OnnxTensor onnx(OrtEnvironment environment, Tensor tensor) throws OrtException {
    long[] shape = tensor.shape().toLongArray();
    if (tensor.dtype() == DType.STRING) {
      String[] texts = new String[tensor.shape().intSize()];
      for (int i = 0; i < texts.length; i++) {
        texts[i] = tensor.getString(i);
      }
      return OnnxTensor.createTensor(environment, texts, shape);
    }
    ByteBuffer buffer =
        ByteBuffer.allocateDirect((int) tensor.segment().byteSize()).order(ByteOrder.nativeOrder());
    MemorySegment.ofBuffer(buffer).copyFrom(tensor.segment());
    return OnnxTensor.createTensor(environment, buffer, shape, javaType(tensor.dtype()));
  }

  private static OnnxJavaType javaType(DType type) {
    return switch (type) {
      case BOOL -> OnnxJavaType.BOOL;
      case UINT8 -> OnnxJavaType.UINT8;
      case INT8 -> OnnxJavaType.INT8;
      case INT16 -> OnnxJavaType.INT16;
      case INT32 -> OnnxJavaType.INT32;
      case INT64 -> OnnxJavaType.INT64;
      case FLOAT16 -> OnnxJavaType.FLOAT16;
      case BFLOAT16 -> OnnxJavaType.BFLOAT16;
      case FLOAT32 -> OnnxJavaType.FLOAT;
      case FLOAT64 -> OnnxJavaType.DOUBLE;
      case STRING -> OnnxJavaType.STRING;
      case UINT16, UINT32, UINT64 -> throw new IllegalArgumentException(type.name());
    };
  }

  private static Tensor tensor(OnnxValue value) throws OrtException {
    OnnxTensor onnx = (OnnxTensor) value;
    TensorInfo info = onnx.getInfo();
    Shape shape = Shape.ofLongs(info.getShape());
    if (info.type == OnnxJavaType.STRING) {
      return Tensors.ofStrings(shape, (String[]) onnx.getValue());
    }
    Tensor tensor = Tensors.zeros(new TensorType(dtype(info.type), shape));
    tensor.segment().copyFrom(MemorySegment.ofBuffer(onnx.getByteBuffer()));
    return tensor;
  }

  private static DType dtype(OnnxJavaType type) {
    return Arrays.stream(DType.values())
        .filter(each -> !UNKNOWN_TO_JAVA.contains(each) && javaType(each) == type)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(type.name()));
  }

  /**
   * Both tensors agree: floats within a tolerance scaled by the largest element, others exactly.
   */
  static void assertAgrees(Tensor expected, Tensor actual, double tolerance) {
    assertEquals(expected.type(), actual.type());
    double largest = 1e-6;
    for (long i = 0; i < expected.size() && expected.dtype().isFloat(); i++) {
      largest = Math.max(largest, Math.abs(expected.asDouble(i)));
    }
    for (long i = 0; i < expected.size(); i++) {
      if (expected.dtype() == DType.STRING) {
        assertEquals(expected.getString(i), actual.getString(i), "element " + i);
      } else if (expected.dtype().isFloat()) {
        assertEquals(expected.asDouble(i), actual.asDouble(i), tolerance * largest, "element " + i);
      } else {
        assertEquals(expected.asDouble(i), actual.asDouble(i), tolerance, "element " + i);
      }
    }
  }
}
