package io.lockstep.models.file;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** An ONNX model with one graph, under construction. Field numbers are those of onnx.proto. */
public final class OnnxGraph {
  private static final long IR_VERSION = 8;
  private static final long OPSET = 17;
  private static final String ML_DOMAIN = "ai.onnx.ml";
  private static final long ML_OPSET = 3;

  // The values of TensorProto.DataType that are used here.
  private static final int FLOAT = 1;
  private static final int INT64 = 7;

  private final String doc;
  private final ProtoMessage graph; // GraphProto
  private final ProtoMessage metadata = new ProtoMessage(); // the metadata_props of ModelProto

  /**
   * Starts an empty graph.
   *
   * @param doc what the model does, for its reader
   */
  public OnnxGraph(String name, String doc) {
    this.doc = doc;
    this.graph = new ProtoMessage().text(2, name).text(10, doc);
  }

  /** Adds a pair to the model's metadata. */
  public OnnxGraph property(String key, String value) {
    metadata.message(14, new ProtoMessage().text(1, key).text(2, value));
    return this;
  }

  /**
   * Declares a float input.
   *
   * @param extents outermost first; a number is fixed, a word is symbolic
   */
  public OnnxGraph input(String name, String doc, String... extents) {
    graph.message(11, floatValue(name, doc, extents));
    return this;
  }

  /** Declares a float output; parameters as for an input. */
  public OnnxGraph output(String name, String doc, String... extents) {
    graph.message(12, floatValue(name, doc, extents));
    return this;
  }

  /** Adds a float constant, its elements in row-major order. */
  public OnnxGraph constant(String name, float[] values, long... extents) {
    ByteBuffer raw = littleEndian(values.length * Float.BYTES);
    raw.asFloatBuffer().put(values);
    graph.message(5, tensor(name, FLOAT, raw, extents));
    return this;
  }

  /** Adds a 64-bit integer constant of one axis. */
  public OnnxGraph constant(String name, long... values) {
    ByteBuffer raw = littleEndian(values.length * Long.BYTES);
    raw.asLongBuffer().put(values);
    graph.message(5, tensor(name, INT64, raw, values.length));
    return this;
  }

  /**
   * Adds a node of the default domain. Nodes must come after those whose outputs they read.
   *
   * @param inputs names of values; an empty name leaves an optional input out
   * @param outputs likewise
   */
  public OnnxGraph node(
      String name,
      String operator,
      List<String> inputs,
      List<String> outputs,
      Attribute... attributes) {
    graph.message(1, nodeMessage(name, operator, inputs, outputs, attributes));
    return this;
  }

  /** Adds a node of the domain {@code ai.onnx.ml}; parameters as for the default domain. */
  public OnnxGraph mlNode(
      String name,
      String operator,
      List<String> inputs,
      List<String> outputs,
      Attribute... attributes) {
    graph.message(1, nodeMessage(name, operator, inputs, outputs, attributes).text(7, ML_DOMAIN));
    return this;
  }

  /** The whole model as a file's content. */
  public ByteString toModel() {
    var model =
        new ProtoMessage()
            .integer(1, IR_VERSION)
            .text(2, "lockstep")
            .text(6, doc)
            .message(7, graph)
            .message(8, new ProtoMessage().text(1, "").integer(2, OPSET))
            .message(8, new ProtoMessage().text(1, ML_DOMAIN).integer(2, ML_OPSET));
    return model.toByteString().concat(metadata.toByteString());
  }

  private static ProtoMessage nodeMessage(
      String name,
      String operator,
      List<String> inputs,
      List<String> outputs,
      Attribute... attributes) {
    var node = new ProtoMessage().text(3, name).text(4, operator);
    inputs.forEach(input -> node.text(1, input));
    outputs.forEach(output -> node.text(2, output));
    for (Attribute attribute : attributes) {
      node.message(5, attribute.message());
    }
    return node;
  }

  private static ProtoMessage floatValue(String name, String doc, String... extents) {
    var shape = new ProtoMessage();
    for (String extent : extents) {
      boolean isFixed = extent.chars().allMatch(Character::isDigit);
      shape.message(
          1,
          isFixed
              ? new ProtoMessage().integer(1, Long.parseLong(extent))
              : new ProtoMessage().text(2, extent));
    }
    var tensorType = new ProtoMessage().integer(1, FLOAT).message(2, shape);
    return new ProtoMessage()
        .text(1, name)
        .message(2, new ProtoMessage().message(1, tensorType))
        .text(3, doc);
  }

  private static ProtoMessage tensor(String name, int type, ByteBuffer raw, long... extents) {
    var tensor = new ProtoMessage().integer(2, type).text(8, name);
    for (long extent : extents) {
      tensor.integer(1, extent);
    }
    return tensor.bytes(9, ByteString.copyFrom(raw));
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
