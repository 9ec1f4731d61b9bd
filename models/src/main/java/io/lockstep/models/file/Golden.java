package io.lockstep.models.file;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Inputs of a model and what must come out, as JSON. Inputs are the exact floats; outputs are
 * doubles, more exact than the model's own type, so a reader compares with a tolerance.
 */
public final class Golden {
  private final Map<String, String> inputs = new LinkedHashMap<>(); // name to JSON
  private final Map<String, String> outputs = new LinkedHashMap<>();

  /** Adds an input, its elements in row-major order. */
  public Golden input(String name, float[] values, int... extents) {
    inputs.put(
        name,
        tensor(
            IntStream.range(0, values.length)
                .mapToObj(i -> Float.toString(values[i]))
                .collect(Collectors.joining(",")),
            extents));
    return this;
  }

  /** Adds an output that the model gives as floats, its elements in row-major order. */
  public Golden output(String name, double[] values, int... extents) {
    outputs.put(
        name,
        tensor(
            Arrays.stream(values).mapToObj(Double::toString).collect(Collectors.joining(",")),
            extents));
    return this;
  }

  /** The file's content. */
  public ByteString toJson() {
    return ByteString.copyFromUtf8(
        "{\"inputs\":{\n" + members(inputs) + "\n},\"outputs\":{\n" + members(outputs) + "\n}}\n");
  }

  private static String members(Map<String, String> tensors) {
    return tensors.entrySet().stream()
        .map(entry -> "\"" + entry.getKey() + "\":" + entry.getValue())
        .collect(Collectors.joining(",\n"));
  }

  private static String tensor(String data, int... extents) {
    String shape =
        Arrays.stream(extents).mapToObj(Integer::toString).collect(Collectors.joining(","));
    return "{\"shape\":[" + shape + "],\"datatype\":\"FP32\",\"data\":[" + data + "]}";
  }
}
