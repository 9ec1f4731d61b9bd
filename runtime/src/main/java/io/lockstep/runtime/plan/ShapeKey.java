package io.lockstep.runtime.plan;

import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a plan is specialised for: types of its inputs, and contents of those it had to know. */
final class ShapeKey {

  private final List<Object> parts;

  private ShapeKey(List<Object> parts) {
    this.parts = parts;
  }

  static ShapeKey ofTypes(List<TensorType> types) {
    return new ShapeKey(new ArrayList<>(types));
  }

  /**
   * A key of tensors.
   *
   * @param contents tensors whose elements matter
   * @param types tensors of which only the types matter
   */
  static ShapeKey of(List<Tensor> contents, List<Tensor> types) {
    List<Object> parts = new ArrayList<>();
    for (Tensor tensor : contents) {
      parts.add(tensor.type());
      parts.add(new Contents(bytes(tensor)));
    }
    types.forEach(tensor -> parts.add(tensor.type()));
    return new ShapeKey(parts);
  }

  private static byte[] bytes(Tensor tensor) {
    if (tensor.dtype().bytes() > 0) {
      return tensor.segment().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < tensor.size(); i++) {
      String element = tensor.getString(i);
      text.append(element.length()).append(':').append(element);
    }
    return text.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  private static final class Contents {
    private final byte[] bytes;

    Contents(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Contents contents && Arrays.equals(bytes, contents.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ShapeKey key && parts.equals(key.parts);
  }

  @Override
  public int hashCode() {
    return parts.hashCode();
  }
}
