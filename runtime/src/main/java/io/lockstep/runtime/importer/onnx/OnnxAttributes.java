package io.lockstep.runtime.importer.onnx;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.AttributeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.NodeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TensorProto;
import io.lockstep.runtime.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The attributes of one ONNX node. */
final class OnnxAttributes implements NodeAttributes {

  private final NodeProto node;
  private final int opset;
  private final OnnxTensors tensors;
  private final Map<String, Graph> graphs;
  private final int captures;
  private final Map<String, AttributeProto> attributes = new HashMap<>();

  /**
   * @param opset the version of the operator set that the node's domain is imported with
   * @param graphs the node's subgraphs, by attribute name
   * @param captures how many outside values each of the subgraphs takes as its last inputs
   */
  OnnxAttributes(
      NodeProto node, int opset, OnnxTensors tensors, Map<String, Graph> graphs, int captures) {
    this.node = node;
    this.opset = opset;
    this.tensors = tensors;
    this.graphs = graphs;
    this.captures = captures;
    for (AttributeProto attribute : node.getAttributeList()) {
      attributes.put(attribute.getName(), attribute);
    }
  }

  @Override
  public String operator() {
    return node.getOpType();
  }

  @Override
  public int opset() {
    return opset;
  }

  @Override
  public int inputCount() {
    return node.getInputCount();
  }

  @Override
  public boolean hasInput(int index) {
    return index < node.getInputCount() && !node.getInput(index).isEmpty();
  }

  @Override
  public int outputCount() {
    return node.getOutputCount();
  }

  @Override
  public boolean has(String name) {
    return attributes.containsKey(name);
  }

  @Override
  public long intOr(String name, long absent) {
    AttributeProto attribute = attributes.get(name);
    return attribute == null ? absent : require(attribute, attribute.hasI(), "integer").getI();
  }

  @Override
  public float floatOr(String name, float absent) {
    AttributeProto attribute = attributes.get(name);
    return attribute == null ? absent : require(attribute, attribute.hasF(), "float").getF();
  }

  @Override
  public String stringOr(String name, String absent) {
    AttributeProto attribute = attributes.get(name);
    return attribute == null
        ? absent
        : require(attribute, attribute.hasS(), "string").getS().toString(StandardCharsets.UTF_8);
  }

  @Override
  public long[] ints(String name) {
    AttributeProto attribute = attributes.get(name);
    return attribute == null
        ? new long[0]
        : attribute.getIntsList().stream().mapToLong(Long::longValue).toArray();
  }

  @Override
  public float[] floats(String name) {
    AttributeProto attribute = attributes.get(name);
    float[] values = new float[attribute == null ? 0 : attribute.getFloatsCount()];
    for (int i = 0; attribute != null && i < values.length; i++) {
      values[i] = attribute.getFloats(i);
    }
    return values;
  }

  @Override
  public List<String> strings(String name) {
    AttributeProto attribute = attributes.get(name);
    return attribute == null
        ? List.of()
        : attribute.getStringsList().stream()
            .map(bytes -> bytes.toString(StandardCharsets.UTF_8))
            .toList();
  }

  @Override
  public Optional<Tensor> tensor(String name) {
    AttributeProto attribute = attributes.get(name);
    if (attribute == null) {
      return Optional.empty();
    }
    if (attribute.hasSparseTensor()) {
      return Optional.of(tensors.readSparse(attribute.getSparseTensor()));
    }
    TensorProto proto = require(attribute, attribute.hasT(), "tensor").getT();
    // Some exporters write an attribute that they leave out as a tensor without a type.
    return proto.getDataType() == 0 && proto.getDimsCount() == 0
        ? Optional.empty()
        : Optional.of(tensors.read(proto));
  }

  @Override
  public Graph graph(String name) {
    @Nullable Graph graph = graphs.get(name);
    if (graph == null) {
      throw new InvalidModelException(operator() + ": the subgraph '" + name + "' is missing");
    }
    return graph;
  }

  @Override
  public int captures() {
    return captures;
  }

  private AttributeProto require(AttributeProto attribute, boolean fits, String kind) {
    // A zero may be left out of the file where the attribute's type alone says what it is.
    if (!fits && attribute.getType() == AttributeProto.AttributeType.UNDEFINED) {
      throw new InvalidModelException(
          "%s: attribute '%s' is no %s".formatted(operator(), attribute.getName(), kind));
    }
    return attribute;
  }
}
