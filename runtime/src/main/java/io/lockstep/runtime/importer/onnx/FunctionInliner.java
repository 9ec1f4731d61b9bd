package io.lockstep.runtime.importer.onnx;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.AttributeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.FunctionProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.GraphProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.NodeProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TensorProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Replaces calls of functions that a model brings along by the functions' nodes. */
final class FunctionInliner {

  /** Functions may call functions; ONNX forbids recursion, so this only stops damaged files. */
  private static final int MAX_DEPTH = 32;

  private static final int MAX_NODES = 1_000_000;

  private final Map<String, FunctionProto> functions = new HashMap<>();
  private int calls;
  private int nodes;

  FunctionInliner(List<FunctionProto> functions) {
    for (FunctionProto function : functions) {
      this.functions.put(
          key(function.getDomain(), function.getName(), function.getOverload()), function);
    }
  }

  boolean isEmpty() {
    return functions.isEmpty();
  }

  /** The nodes with every call of a function replaced. */
  List<NodeProto> inline(List<NodeProto> original) {
    List<NodeProto> result = new ArrayList<>();
    for (NodeProto node : original) {
      append(node, result, 0);
    }
    return result;
  }

  private void append(NodeProto node, List<NodeProto> result, int depth) {
    FunctionProto function =
        functions.get(key(node.getDomain(), node.getOpType(), node.getOverload()));
    if (function == null) {
      nodes++;
      result.add(node);
    } else {
      expand(node, function, result, depth + 1);
    }
    if (depth > MAX_DEPTH || nodes > MAX_NODES) {
      throw new InvalidModelException(
          "function " + node.getOpType() + " expands without end: it calls itself");
    }
  }

  private void expand(NodeProto call, FunctionProto function, List<NodeProto> result, int depth) {
    if (depth > MAX_DEPTH) {
      throw new InvalidModelException("function " + function.getName() + " calls itself");
    }
    String prefix = function.getName() + "#" + calls++ + "/";
    Map<String, String> names = new HashMap<>();
    for (int i = 0; i < function.getInputCount(); i++) {
      names.put(function.getInput(i), i < call.getInputCount() ? call.getInput(i) : "");
    }
    for (int i = 0; i < function.getOutputCount() && i < call.getOutputCount(); i++) {
      if (!call.getOutput(i).isEmpty()) {
        names.put(function.getOutput(i), call.getOutput(i));
      }
    }
    Map<String, AttributeProto> arguments = new HashMap<>();
    function.getAttributeProtoList().forEach(a -> arguments.put(a.getName(), a));
    call.getAttributeList().forEach(a -> arguments.put(a.getName(), a));
    for (NodeProto node : function.getNodeList()) {
      append(rename(node, names, prefix, arguments), result, depth);
    }
  }

  private static NodeProto rename(
      NodeProto node,
      Map<String, String> names,
      String prefix,
      Map<String, AttributeProto> arguments) {
    NodeProto.Builder renamed =
        node.toBuilder()
            .clearInput()
            .clearOutput()
            .clearAttribute()
            .setName(prefix + node.getName());
    node.getInputList().forEach(name -> renamed.addInput(renamed(name, names, prefix)));
    node.getOutputList().forEach(name -> renamed.addOutput(renamed(name, names, prefix)));
    for (AttributeProto attribute : node.getAttributeList()) {
      AttributeProto argument = argument(attribute, arguments);
      if (argument != null) {
        renamed.addAttribute(
            argument.hasG()
                ? argument.toBuilder()
                    .setG(rename(argument.getG(), names, prefix, arguments))
                    .build()
                : argument);
      }
    }
    return renamed.build();
  }

  private static GraphProto rename(
      GraphProto graph,
      Map<String, String> names,
      String prefix,
      Map<String, AttributeProto> arguments) {
    GraphProto.Builder renamed = graph.toBuilder();
    renamed.clearNode().clearInput().clearOutput().clearInitializer();
    graph.getNodeList().forEach(n -> renamed.addNode(rename(n, names, prefix, arguments)));
    for (ValueInfoProto input : graph.getInputList()) {
      renamed.addInput(input.toBuilder().setName(renamed(input.getName(), names, prefix)));
    }
    for (ValueInfoProto output : graph.getOutputList()) {
      renamed.addOutput(output.toBuilder().setName(renamed(output.getName(), names, prefix)));
    }
    for (TensorProto tensor : graph.getInitializerList()) {
      renamed.addInitializer(tensor.toBuilder().setName(renamed(tensor.getName(), names, prefix)));
    }
    return renamed.build();
  }

  private static String renamed(String name, Map<String, String> names, String prefix) {
    return name.isEmpty() ? name : names.computeIfAbsent(name, n -> prefix + n);
  }

  /** The attribute itself, or what the call passed for the one it refers to; null when nothing. */
  private static @Nullable AttributeProto argument(
      AttributeProto attribute, Map<String, AttributeProto> arguments) {
    if (attribute.getRefAttrName().isEmpty()) {
      return attribute;
    }
    AttributeProto argument = arguments.get(attribute.getRefAttrName());
    return argument == null ? null : argument.toBuilder().setName(attribute.getName()).build();
  }

  private static String key(String domain, String name, String overload) {
    return OnnxOperators.qualified(domain, name) + "|" + overload;
  }
}
