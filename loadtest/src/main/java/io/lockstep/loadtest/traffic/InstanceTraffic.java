package io.lockstep.loadtest.traffic;

import java.util.List;
import java.util.Random;

/** Made-up instances for all inputs of a model, by TensorFlow Serving's REST API. */
final class InstanceTraffic implements Traffic {

  private final String model;
  private final List<InputSignature> inputs;
  private final int rows;
  private final int length;

  /**
   * Instances of the same shapes in every request.
   *
   * @param rows how many instances
   * @param length along every axis that allows any
   */
  InstanceTraffic(String model, List<InputSignature> inputs, int rows, int length) {
    this.model = model;
    this.inputs = inputs;
    this.rows = rows;
    this.length = length;
  }

  @Override
  public String path() {
    return "/v1/models/" + model + ":predict";
  }

  @Override
  public String body(long number) {
    Random random = new Random(number);
    StringBuilder json = new StringBuilder("{\"instances\":[");
    for (int row = 0; row < rows; row++) {
      json.append(row == 0 ? "{" : ",{");
      for (int i = 0; i < inputs.size(); i++) {
        InputSignature input = inputs.get(i);
        json.append(i == 0 ? "\"" : ",\"").append(input.name()).append("\":");
        appendNested(json, input, input.extents(rows, length), 1, random);
      }
      json.append('}');
    }
    return json.append("]}").toString();
  }

  private static void appendNested(
      StringBuilder json, InputSignature input, int[] extents, int axis, Random random) {
    if (axis >= extents.length) {
      json.append(MadeUpValues.next(input, random));
      return;
    }
    json.append('[');
    for (int i = 0; i < extents[axis]; i++) {
      json.append(i == 0 ? "" : ",");
      appendNested(json, input, extents, axis + 1, random);
    }
    json.append(']');
  }

  @Override
  public boolean isStreamed() {
    return false;
  }
}
