package io.lockstep.loadtest.graph;

import com.google.protobuf.ByteString;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.AttributeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.AttributeProto.AttributeType;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.GraphProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.ModelProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.NodeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.OperatorSetIdProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TensorProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TensorShapeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TypeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.ValueInfoProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** Writes a small ONNX graph: inputs, random constants, nodes. */
final class GraphFile {

  private static final int IR_VERSION = 8;
  private static final int OPSET = 20;

  /** TensorProto.DataType. */
  enum ElementType {
    FLOAT(1, Float.BYTES),
    UINT8(2, 1),
    INT8(3, 1),
    INT32(6, Integer.BYTES),
    INT64(7, Long.BYTES);

    private final int number;
    private final int bytes;

    ElementType(int number, int bytes) {
      this.number = number;
      this.bytes = bytes;
    }
  }

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("bench");
  private final Random random = new Random(7);
  private final List<Runnable> constants = new ArrayList<>();
  private long constantBytes;

  GraphFile input(String name, ElementType type, long... dims) {
    graph.addInput(value(name, type, dims));
    return this;
  }

  GraphFile output(String name, ElementType type, long... dims) {
    graph.addOutput(value(name, type, dims));
    return this;
  }

  private static ValueInfoProto value(String name, ElementType type, long... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long dim : dims) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(dim));
    }
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder().setElemType(type.number).setShape(shape).build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  /** A constant of random numbers: floats up to 0.05 in magnitude, or bytes of all values. */
  GraphFile random(String name, ElementType type, long... dims) {
    return constant(
        name,
        type,
        data -> {
          while (data.hasRemaining()) {
            if (type == ElementType.FLOAT) {
              data.putFloat((random.nextFloat() - 0.5f) / 10);
            } else {
              data.put((byte) random.nextInt());
            }
          }
        },
        dims);
  }

  /** A constant of equal numbers. */
  GraphFile filled(String name, ElementType type, float number, long... dims) {
    return constant(
        name,
        type,
        data -> {
          while (data.hasRemaining()) {
            switch (type) {
              case FLOAT -> data.putFloat(number);
              case INT32 -> data.putInt((int) number);
              case INT64 -> data.putLong((long) number);
              case UINT8, INT8 -> data.put((byte) (int) number);
            }
          }
        },
        dims);
  }

  /** The numbers are made when the file is written. */
  private GraphFile constant(
      String name, ElementType type, Consumer<ByteBuffer> numbers, long... dims) {
    int bytes = Math.toIntExact(product(dims) * type.bytes);
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(type.number);
    for (long dim : dims) {
      tensor.addDims(dim);
    }
    constants.add(() -> {
      ByteBuffer data = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
      numbers.accept(data);
      graph.addInitializer(tensor.setRawData(ByteString.copyFrom(data.flip())));
    });
    constantBytes += bytes;
    return this;
  }

  private static long product(long... dims) {
    long product = 1;
    for (long dim : dims) {
      product = Math.multiplyExact(product, dim);
    }
    return product;
  }

  /** Adds a node; {@code operator} may be "domain:name". */
  GraphFile node(
      String operator, List<String> inputs, String output, AttributeProto... attributes) {
    int colon = operator.indexOf(':');
    NodeProto.Builder node =
        NodeProto.newBuilder()
            .setOpType(operator.substring(colon + 1))
            .setDomain(operator.substring(0, Math.max(0, colon)))
            .addOutput(output);
    node.addAllInput(inputs);
    for (AttributeProto attribute : attributes) {
      node.addAttribute(attribute);
    }
    graph.addNode(node);
    return this;
  }

  static AttributeProto attribute(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeType.INT).setI(value).build();
  }

  static AttributeProto attribute(String name, long... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }

  /** Bytes of all constants. */
  long constantBytes() {
    return constantBytes;
  }

  /** Writes it, once. */
  void write(Path file) {
    constants.forEach(Runnable::run);
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setGraph(graph)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
            .addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain("com.microsoft").setVersion(1))
            .build();
    try {
      Files.write(file, model.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
