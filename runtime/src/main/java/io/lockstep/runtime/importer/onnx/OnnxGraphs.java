package io.lockstep.runtime.importer.onnx;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.importer.ImportedGraph;
import io.lockstep.runtime.importer.WeightFiles;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.AttributeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.GraphProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.ModelProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.NodeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.OperatorSetIdProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TensorProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TensorShapeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TypeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.ValueInfoProto;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Builds graphs from {@code GraphProto}. What a subgraph uses from outside becomes its last inputs
 * and those of its node, so that every graph is closed.
 */
final class OnnxGraphs {

  private static final int OLDEST_OPSET = 6;
  private static final int NEWEST_OPSET = 27;

  private final ModelProto model;
  private final OnnxTensors tensors;
  private final FunctionInliner functions;
  private final Map<String, Integer> opsets = new HashMap<>();
  private final Map<String, Integer> unsupported = new TreeMap<>();

  OnnxGraphs(ModelProto model, OnnxTensors tensors) {
    this.model = model;
    this.tensors = tensors;
    this.functions = new FunctionInliner(model.getFunctionsList());
    for (OperatorSetIdProto set : model.getOpsetImportList()) {
      String domain = set.getDomain().equals("ai.onnx") ? "" : set.getDomain();
      opsets.merge(domain, (int) set.getVersion(), Math::max);
    }
  }

  /**
   * The model's graph.
   *
   * @param weights what {@link OnnxTensors} puts the constants in
   */
  ImportedGraph read(WeightFiles weights) {
    int opset = opsets.getOrDefault("", NEWEST_OPSET);
    if (opset < OLDEST_OPSET || opset > NEWEST_OPSET) {
      throw new UnsupportedModelException(
          "the model is written for opset %d; %d to %d are supported"
              .formatted(opset, OLDEST_OPSET, NEWEST_OPSET));
    }
    GraphProto proto = model.getGraph();
    Scope scope = new Scope(null);
    Graph graph = build(proto, scope);
    if (!unsupported.isEmpty()) {
      throw new UnsupportedModelException(
          "operators that are not supported: "
              + String.join(
                  ", ",
                  unsupported.entrySet().stream()
                      .map(entry -> entry.getKey() + " (" + entry.getValue() + ")")
                      .toList()));
    }
    Set<String> initializers = new HashSet<>();
    proto.getInitializerList().forEach(tensor -> initializers.add(tensor.getName()));
    return new ImportedGraph(
        graph,
        proto.getInputList().stream()
            .filter(info -> !initializers.contains(info.getName()))
            .map(OnnxGraphs::declared)
            .toList(),
        proto.getOutputList().stream().map(OnnxGraphs::declared).toList(),
        weights);
  }

  /** The names visible in one graph, and what it takes from the graphs around it. */
  private static final class Scope {
    private final @Nullable Scope outer;
    private final Map<String, Value> values = new HashMap<>();

    /** Outside values by name, in the order of first use. */
    private final Map<String, Value> captures = new LinkedHashMap<>();

    Scope(@Nullable Scope outer) {
      this.outer = outer;
    }

    Value define(String name) {
      Value value = new Value(name);
      if (values.put(name, value) != null) {
        throw new InvalidModelException("value '" + name + "' is defined twice");
      }
      return value;
    }

    Value use(String name) {
      Value value = values.get(name);
      if (value == null) {
        value = captures.get(name);
      }
      if (value == null) {
        if (outer == null || !outer.sees(name)) {
          throw new InvalidModelException("value '" + name + "' is used but never defined");
        }
        value = new Value(name);
        captures.put(name, value);
      }
      return value;
    }

    boolean sees(String name) {
      return values.containsKey(name) || (outer != null && outer.sees(name));
    }
  }

  private Graph build(GraphProto proto, Scope scope) {
    Map<Value, Tensor> constants = new LinkedHashMap<>();
    for (TensorProto initializer : proto.getInitializerList()) {
      constants.put(scope.define(initializer.getName()), tensors.read(initializer));
    }
    for (var sparse : proto.getSparseInitializerList()) {
      constants.put(scope.define(sparse.getValues().getName()), tensors.readSparse(sparse));
    }
    List<Value> inputs = new ArrayList<>();
    for (ValueInfoProto input : proto.getInputList()) {
      if (!scope.values.containsKey(input.getName())) {
        inputs.add(scope.define(input.getName()));
      }
    }
    List<NodeProto> protos =
        functions.isEmpty() ? proto.getNodeList() : functions.inline(proto.getNodeList());
    List<Node> nodes = new ArrayList<>();
    for (NodeProto node : sorted(protos, scope)) {
      if (isTensorConstant(node)) {
        Tensor value = tensors.read(node.getAttribute(0).getT());
        constants.put(scope.define(node.getOutput(0)), value);
        continue;
      }
      Node built = node(node, scope);
      if (built != null) {
        nodes.add(built);
      }
    }
    List<Value> outputs = new ArrayList<>();
    for (ValueInfoProto output : proto.getOutputList()) {
      outputs.add(scope.use(output.getName()));
    }
    inputs.addAll(scope.captures.values());
    return new Graph(inputs, outputs, nodes, constants);
  }

  /** Whether a node only gives a tensor a name, as some exporters do with all weights. */
  private static boolean isTensorConstant(NodeProto node) {
    return node.getOpType().equals("Constant")
        && OnnxOperators.qualified(node.getDomain(), "Constant").equals("Constant")
        && node.getAttributeCount() == 1
        && node.getAttribute(0).getName().equals("value")
        && node.getAttribute(0).hasT()
        && node.getOutputCount() == 1;
  }

  /** Producers before consumers; files should be ordered already, but not all are. */
  private static List<NodeProto> sorted(List<NodeProto> nodes, Scope scope) {
    Map<String, Integer> producers = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (String output : nodes.get(i).getOutputList()) {
        if (!output.isEmpty()) {
          producers.put(output, i);
        }
      }
    }
    int[] waiting = new int[nodes.size()];
    List<List<Integer>> consumers = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      consumers.add(new ArrayList<>());
    }
    for (int i = 0; i < nodes.size(); i++) {
      for (String name : namesUsed(nodes.get(i))) {
        Integer producer = producers.get(name);
        if (producer != null && !scope.values.containsKey(name)) {
          waiting[i]++;
          consumers.get(producer).add(i);
        }
      }
    }
    ArrayDeque<Integer> ready = new ArrayDeque<>();
    for (int i = 0; i < waiting.length; i++) {
      if (waiting[i] == 0) {
        ready.add(i);
      }
    }
    List<NodeProto> order = new ArrayList<>();
    for (Integer next = ready.poll(); next != null; next = ready.poll()) {
      order.add(nodes.get(next));
      for (int consumer : consumers.get(next)) {
        if (--waiting[consumer] == 0) {
          ready.add(consumer);
        }
      }
    }
    if (order.size() < nodes.size()) {
      throw new InvalidModelException("the graph has a cycle");
    }
    return order;
  }

  /** Everything that a node or one of its subgraphs reads by name. */
  private static Set<String> namesUsed(NodeProto node) {
    Set<String> names = new LinkedHashSet<>(node.getInputList());
    names.remove("");
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.hasG()) {
        addNamesUsed(attribute.getG(), names);
      }
      attribute.getGraphsList().forEach(graph -> addNamesUsed(graph, names));
    }
    return names;
  }

  private static void addNamesUsed(GraphProto graph, Set<String> names) {
    graph.getNodeList().forEach(node -> names.addAll(namesUsed(node)));
    graph.getOutputList().forEach(output -> names.add(output.getName()));
  }

  /** The node, or null when its operator is not supported, which is noted. */
  private @Nullable Node node(NodeProto proto, Scope scope) {
    Map<String, Graph> graphs = new LinkedHashMap<>();
    Map<String, Value> captured = new LinkedHashMap<>();
    subgraphs(proto, scope, graphs, captured);
    List<@Nullable Value> inputs = new ArrayList<>();
    for (String name : proto.getInputList()) {
      inputs.add(name.isEmpty() ? null : scope.use(name));
    }
    inputs.addAll(captured.values());
    List<@Nullable Value> outputs = new ArrayList<>();
    for (String name : proto.getOutputList()) {
      outputs.add(name.isEmpty() ? null : scope.define(name));
    }
    Function<NodeAttributes, Operator> factory =
        OnnxOperators.find(proto.getDomain(), proto.getOpType());
    if (factory == null) {
      unsupported.merge(
          OnnxOperators.qualified(proto.getDomain(), proto.getOpType()), 1, Integer::sum);
      return null;
    }
    String domain = proto.getDomain().equals("ai.onnx") ? "" : proto.getDomain();
    Operator operator =
        factory.apply(
            new OnnxAttributes(
                proto, opsets.getOrDefault(domain, 1), tensors, graphs, captured.size()));
    String name =
        proto.getName().isEmpty() && !outputs.isEmpty() ? proto.getOutput(0) : proto.getName();
    return new Node(name, operator, inputs, outputs);
  }

  /** Builds a node's subgraphs, all with the same captured values as their last inputs. */
  private void subgraphs(
      NodeProto proto, Scope scope, Map<String, Graph> graphs, Map<String, Value> captured) {
    record Open(String name, Graph graph, Scope scope) {}
    List<Open> open = new ArrayList<>();
    for (AttributeProto attribute : proto.getAttributeList()) {
      if (attribute.hasG()) {
        Scope inner = new Scope(scope);
        open.add(new Open(attribute.getName(), build(attribute.getG(), inner), inner));
        inner.captures.keySet().forEach(name -> captured.put(name, scope.use(name)));
      }
    }
    for (Open subgraph : open) {
      Graph graph = subgraph.graph();
      Map<String, Value> own = subgraph.scope().captures;
      List<Value> inputs =
          new ArrayList<>(graph.inputs().subList(0, graph.inputs().size() - own.size()));
      captured.keySet().forEach(name -> inputs.add(own.getOrDefault(name, new Value(name))));
      graphs.put(
          subgraph.name(), new Graph(inputs, graph.outputs(), graph.nodes(), graph.constants()));
    }
  }

  private static ImportedGraph.Declared declared(ValueInfoProto info) {
    TypeProto type = info.getType();
    if (type.hasSequenceType() || type.hasMapType() || type.hasOptionalType()) {
      return new ImportedGraph.Declared(info.getName(), null, null, List.of());
    }
    if (!type.hasTensorType() || !type.getTensorType().hasElemType()) {
      return new ImportedGraph.Declared(info.getName(), null, null, List.of());
    }
    DType dtype = DType.ofOnnx(type.getTensorType().getElemType());
    if (!type.getTensorType().hasShape()) {
      return new ImportedGraph.Declared(info.getName(), dtype, null, List.of());
    }
    TensorShapeProto shape = type.getTensorType().getShape();
    List<Long> extents = new ArrayList<>();
    List<@Nullable String> symbols = new ArrayList<>();
    for (var dim : shape.getDimList()) {
      extents.add(dim.hasDimValue() && dim.getDimValue() >= 0 ? dim.getDimValue() : -1L);
      symbols.add(dim.hasDimParam() && !dim.getDimParam().isEmpty() ? dim.getDimParam() : null);
    }
    return new ImportedGraph.Declared(info.getName(), dtype, extents, symbols);
  }
}
