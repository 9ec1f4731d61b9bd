package io.lockstep.runtime;

import com.google.protobuf.InvalidProtocolBufferException;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.AttributeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.GraphProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.ModelProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.NodeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TensorProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TensorShapeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TypeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.ValueInfoProto;
import java.util.Arrays;
import java.util.Random;

/** Damages ONNX files, blindly as transfers do and knowingly as attackers do. */
final class ModelMutations {

  /** Numbers that break arithmetic which forgets signs, zero or overflow. */
  private static final long[] NASTY = {
    0,
    1,
    -1,
    2,
    3,
    7,
    64,
    1000,
    65_536,
    100_000_000,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 32,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private ModelMutations() {}

  /** A damaged copy of a model file. */
  static byte[] mutated(Random random, byte[] file) {
    return switch (random.nextInt(6)) {
      case 0 -> flipped(random, file);
      case 1 -> Arrays.copyOf(file, random.nextInt(file.length));
      case 2 -> spliced(random, file);
      default -> rewritten(random, file);
    };
  }

  private static byte[] flipped(Random random, byte[] file) {
    byte[] copy = file.clone();
    for (int i = random.nextInt(1, 9); i > 0; i--) {
      copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return copy;
  }

  /** A piece of the file written over another place of it, or into it. */
  private static byte[] spliced(Random random, byte[] file) {
    int length = random.nextInt(1, Math.min(file.length, 256));
    int from = random.nextInt(file.length - length);
    int to = random.nextInt(file.length - length);
    boolean inserted = random.nextBoolean();
    byte[] copy = new byte[file.length + (inserted ? length : 0)];
    System.arraycopy(file, 0, copy, 0, to);
    System.arraycopy(file, from, copy, to, length);
    int rest = inserted ? to : to + length;
    System.arraycopy(file, rest, copy, to + length, file.length - rest);
    return copy;
  }

  /** One to three fields with other values; the file stays a well-formed message. */
  private static byte[] rewritten(Random random, byte[] file) {
    ModelProto.Builder model;
    try {
      model = ModelProto.parseFrom(file).toBuilder();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("the original is no model", e);
    }
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      rewrite(random, model.getGraphBuilder());
    }
    if (random.nextInt(20) == 0 && model.getOpsetImportCount() > 0) {
      model.getOpsetImportBuilder(0).setVersion(nasty(random));
    }
    return model.build().toByteArray();
  }

  private static void rewrite(Random random, GraphProto.Builder graph) {
    switch (random.nextInt(5)) {
      case 0 -> {
        if (graph.getInputCount() > 0) {
          rewrite(random, graph.getInputBuilder(random.nextInt(graph.getInputCount())));
        }
      }
      case 1 -> {
        if (graph.getOutputCount() > 0) {
          rewrite(random, graph.getOutputBuilder(random.nextInt(graph.getOutputCount())));
        }
      }
      case 2 -> {
        if (graph.getInitializerCount() > 0) {
          rewrite(random, graph.getInitializerBuilder(random.nextInt(graph.getInitializerCount())));
        }
      }
      default -> {
        if (graph.getNodeCount() > 0) {
          rewrite(random, graph.getNodeBuilder(random.nextInt(graph.getNodeCount())), graph);
        }
      }
    }
  }

  private static void rewrite(Random random, ValueInfoProto.Builder value) {
    TypeProto.Tensor.Builder type = value.getTypeBuilder().getTensorTypeBuilder();
    TensorShapeProto.Builder shape = type.getShapeBuilder();
    int axes = shape.getDimCount();
    switch (random.nextInt(5)) {
      case 0 -> type.setElemType(random.nextInt(24));
      case 1 -> shape.addDimBuilder().setDimValue(nasty(random));
      case 2 -> type.clearShape();
      default -> {
        if (axes > 0) {
          shape.getDimBuilder(random.nextInt(axes)).setDimValue(nasty(random));
        }
      }
    }
  }

  private static void rewrite(Random random, TensorProto.Builder tensor) {
    switch (random.nextInt(5)) {
      case 0 -> tensor.setDataType(random.nextInt(24));
      case 1 -> tensor.addDims(nasty(random));
      case 2 -> {
        if (tensor.getInt64DataCount() > 0) {
          tensor.setInt64Data(random.nextInt(tensor.getInt64DataCount()), nasty(random));
        } else {
          byte[] raw = tensor.getRawData().toByteArray();
          tensor.setRawData(
              com.google.protobuf.ByteString.copyFrom(
                  raw, 0, raw.length == 0 ? 0 : random.nextInt(raw.length)));
        }
      }
      default -> {
        if (tensor.getDimsCount() > 0) {
          tensor.setDims(random.nextInt(tensor.getDimsCount()), nasty(random));
        }
      }
    }
  }

  private static void rewrite(Random random, NodeProto.Builder node, GraphProto.Builder graph) {
    switch (random.nextInt(6)) {
      case 0 -> {
        if (node.getInputCount() > 0) {
          NodeProto other = graph.getNode(random.nextInt(graph.getNodeCount()));
          node.setInput(
              random.nextInt(node.getInputCount()),
              other.getOutputCount() == 0 || random.nextInt(4) == 0 ? "" : other.getOutput(0));
        }
      }
      case 1 -> node.setOpType(graph.getNode(random.nextInt(graph.getNodeCount())).getOpType());
      case 2 -> {
        if (random.nextBoolean() || node.getInputCount() == 0) {
          node.addInput("");
        } else {
          node.addInput(node.getInput(0));
        }
      }
      default -> {
        if (node.getAttributeCount() > 0) {
          rewrite(random, node.getAttributeBuilder(random.nextInt(node.getAttributeCount())));
        }
      }
    }
  }

  private static void rewrite(Random random, AttributeProto.Builder attribute) {
    if (attribute.hasG()) {
      rewrite(random, attribute.getGBuilder());
    } else if (attribute.hasT()) {
      rewrite(random, attribute.getTBuilder());
    } else if (attribute.getIntsCount() > 0) {
      attribute.setInts(random.nextInt(attribute.getIntsCount()), nasty(random));
    } else if (attribute.hasI()) {
      attribute.setI(nasty(random));
    } else if (attribute.getFloatsCount() > 0) {
      attribute.setFloats(random.nextInt(attribute.getFloatsCount()), Float.NaN);
    } else if (attribute.hasF()) {
      attribute.setF(random.nextBoolean() ? Float.NaN : -1e30f);
    } else {
      attribute.clearS().clearStrings();
    }
  }

  private static long nasty(Random random) {
    return NASTY[random.nextInt(NASTY.length)];
  }
}
