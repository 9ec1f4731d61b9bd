package io.lockstep.loadtest.traffic;

import java.util.List;
import java.util.Random;

/** Made-up tensors for all inputs of a model, by the Open Inference Protocol. */
public final class TensorTraffic implements Traffic {

  private final String model;
  private final List<InputSignature> inputs;
  private final int rows;
  private final int length;

  /**
   * Tensors of the same shapes in every request.
   *
   * @param rows along the batch axis
   * @param length along every other axis that allows any
   */
  public TensorTraffic(String model, List<InputSignature> inputs, int rows, int length) {
    this.model = model;
    this.inputs = inputs;
    this.rows = rows;
    this.length = length;
  }

  @Override
  public String path() {
    return "/v2/models/" + model + "/infer";
  }

  @Override
  public String body(long number) {
    Random random = new Random(number);
    StringBuilder json = new StringBuilder("{\"inputs\":[");
    for (int i = 0; i < inputs.size(); i++) {
      json.append(i == 0 ? "" : ",");
      append(json, inputs.get(i), random);
    }
    return json.append("]}").toString();
  }

  private void append(StringBuilder json, InputSignature input, Random random) {
    json.append("{\"name\":\"").append(input.name());
    json.append("\",\"datatype\":\"").append(input.datatype()).append("\",\"shape\":[");
    int elements = 1;
    int[] extents = input.extents(rows, length);
    for (int axis = 0; axis < extents.length; axis++) {
      json.append(axis == 0 ? "" : ",").append(extents[axis]);
      elements *= extents[axis];
    }
    json.append("],\"data\":[");
    for (int i = 0; i < elements; i++) {
      json.append(i == 0 ? "" : ",").append(MadeUpValues.next(input, random));
    }
    json.append("]}");
  }

  @Override
  public boolean isStreamed() {
    return false;
  }
}
