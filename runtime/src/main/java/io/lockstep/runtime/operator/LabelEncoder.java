package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * ONNX-ML LabelEncoder 1-4 and CategoryMapper 1: replaces each element by what a table says of it.
 *
 * @param indices the position of each key's value; keys are texts, longs or doubles
 * @param values what keys stand for; the last element is for keys that are not there
 */
record LabelEncoder(String name, Map<Object, Integer> indices, Tensor values) implements Operator {

  static Operator of(NodeAttributes attributes) {
    if (attributes.has("classes_strings")) {
      return ofClasses("LabelEncoder", attributes);
    }
    Tensor keys = list(attributes, "keys_");
    Tensor values = list(attributes, "values_");
    if (keys.size() != values.size()) {
      throw new InvalidModelException(
          "LabelEncoder: %d keys and %d values".formatted(keys.size(), values.size()));
    }
    Tensor table = Tensors.zeros(values.type().withShape(Shape.of((int) values.size() + 1)));
    for (int i = 0; i < values.size(); i++) {
      copy(values, i, table, i);
    }
    copy(absent(attributes, values.dtype()), 0, table, values.size());
    return new LabelEncoder("LabelEncoder", indexed(keys), table);
  }

  /** CategoryMapper: texts to integers and back, by two lists. */
  static Operator mapper(NodeAttributes attributes) {
    return ofClasses("CategoryMapper", attributes);
  }

  /** Both directions in one table: the input's type tells which keys it meets. */
  private static Operator ofClasses(String name, NodeAttributes attributes) {
    boolean mapper = name.equals("CategoryMapper");
    List<String> texts = attributes.strings(mapper ? "cats_strings" : "classes_strings");
    long[] numbers = attributes.ints("cats_int64s");
    Map<Object, Integer> indices = new HashMap<>();
    Tensor table = Tensors.zeros(TensorType.of(DType.STRING, 2 * texts.size() + 2));
    for (int i = 0; i < texts.size(); i++) {
      long number = mapper ? numbers[i] : i;
      indices.put(texts.get(i), i);
      indices.put(number, texts.size() + 1 + i);
      table.setString(i, Long.toString(number));
      table.setString(texts.size() + 1L + i, texts.get(i));
    }
    table.setString(texts.size(), Long.toString(attributes.intOr("default_int64", -1)));
    table.setString(2L * texts.size() + 1, attributes.stringOr("default_string", "_Unused"));
    return new LabelEncoder(name, Map.copyOf(indices), table);
  }

  private static Map<Object, Integer> indexed(Tensor keys) {
    Map<Object, Integer> indices = new HashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      indices.putIfAbsent(key(keys, i), i);
    }
    return Map.copyOf(indices);
  }

  private static Object key(Tensor tensor, long index) {
    if (tensor.dtype() == DType.STRING) {
      return tensor.getString(index);
    }
    return tensor.dtype().isFloat() ? (Object) tensor.asDouble(index) : tensor.asLong(index);
  }

  /** The keys or values, from whichever attribute holds them. */
  private static Tensor list(NodeAttributes attributes, String prefix) {
    List<String> texts = attributes.strings(prefix + "strings");
    if (!texts.isEmpty()) {
      return Tensors.ofStrings(Shape.of(texts.size()), texts.toArray(String[]::new));
    }
    long[] integers = attributes.ints(prefix + "int64s");
    if (integers.length > 0) {
      return Tensors.ofLongs(Shape.of(integers.length), integers);
    }
    float[] floats = attributes.floats(prefix + "floats");
    if (floats.length > 0) {
      return Tensors.ofFloats(Shape.of(floats.length), floats);
    }
    return attributes
        .tensor(prefix + "tensor")
        .orElseThrow(() -> new InvalidModelException("LabelEncoder: no " + prefix + " are given"));
  }

  private static Tensor absent(NodeAttributes attributes, DType type) {
    return attributes
        .tensor("default_tensor")
        .orElseGet(() ->
            switch (type) {
              case STRING ->
                  Tensors.ofStrings(Shape.of(1), attributes.stringOr("default_string", "_Unused"));
              case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> {
                Tensor value = Tensors.zeros(TensorType.of(type, 1));
                value.setFromDouble(0, attributes.floatOr("default_float", -0f));
                yield value;
              }
              case BOOL, UINT8, INT8, UINT16, INT16, UINT32, INT32, UINT64, INT64 -> {
                Tensor value = Tensors.zeros(TensorType.of(type, 1));
                value.setFromLong(0, attributes.intOr("default_int64", -1));
                yield value;
              }
            });
  }

  private static void copy(Tensor from, long fromIndex, Tensor to, long toIndex) {
    if (to.dtype() == DType.STRING) {
      to.strings()[(int) toIndex] = from.strings()[(int) fromIndex];
    } else if (to.dtype().isFloat()) {
      to.setFromDouble(toIndex, from.asDouble(fromIndex));
    } else {
      to.setFromLong(toIndex, from.asLong(fromIndex));
    }
  }

  /** Whether the table holds both directions between texts and integers. */
  private boolean isTwoWay() {
    return values.dtype() == DType.STRING && values.size() == indices.size() + 2L;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    if (isTwoWay()) {
      boolean texts = inputs.dtype(0) == DType.STRING;
      return List.of(inputs.type(0).withDType(texts ? DType.INT64 : DType.STRING));
    }
    return List.of(inputs.type(0).withDType(values.dtype()));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    boolean twoWay = isTwoWay();
    boolean texts = inputs.dtype(0) == DType.STRING;
    int half = Math.toIntExact(values.size() / 2);
    int absent = Math.toIntExact(twoWay && texts ? half - 1 : values.size() - 1);
    return (in, out, run) -> {
      for (long i = 0; i < in[0].size(); i++) {
        int at = indices.getOrDefault(key(in[0], i), absent);
        if (twoWay && texts) {
          out[0].setLong(i, Long.parseLong(values.getString(at)));
        } else {
          copy(values, at, out[0], i);
        }
      }
    };
  }
}
