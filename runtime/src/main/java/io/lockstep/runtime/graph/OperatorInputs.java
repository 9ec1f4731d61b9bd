package io.lockstep.runtime.graph;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is known of an operator's inputs while its outputs are inferred or its kernel is chosen. */
public final class OperatorInputs {

  private final String operator;
  private final List<@Nullable TensorType> types;
  private final List<@Nullable Tensor> constants;

  /**
   * @param operator the operator's name, for messages
   * @param types the inputs' types; null where an optional input is left out
   * @param constants the inputs' values where they are known; null elsewhere
   */
  public OperatorInputs(
      String operator, List<@Nullable TensorType> types, List<@Nullable Tensor> constants) {
    this.operator = operator;
    this.types = types;
    this.constants = constants;
  }

  /** The number of inputs, counting those left out before the last one given. */
  public int count() {
    return types.size();
  }

  public boolean has(int index) {
    return index < types.size() && types.get(index) != null;
  }

  /** The inputs' types, for messages; null where an optional input is left out. */
  public List<@Nullable TensorType> types() {
    return types;
  }

  /** The type of an input that must be there. */
  public TensorType type(int index) {
    TensorType type = index < types.size() ? types.get(index) : null;
    if (type == null) {
      throw new InvalidModelException(operator + ": input " + index + " is missing");
    }
    return type;
  }

  public Shape shape(int index) {
    return type(index).shape();
  }

  public DType dtype(int index) {
    return type(index).dtype();
  }

  /** The value of an input, if it is known before the run. */
  public Optional<Tensor> constant(int index) {
    return index < constants.size() ? Optional.ofNullable(constants.get(index)) : Optional.empty();
  }

  /** The value of an input that {@link Operator#needsValue} asked for. */
  public Tensor value(int index) {
    return constant(index)
        .orElseThrow(() ->
            new InvalidModelException(
                operator + ": the value of input " + index + " is not known"));
  }

  /** The value of an optional input that {@link Operator#needsValue} asked for, as longs. */
  public long @Nullable [] longsOrNull(int index) {
    return has(index) ? value(index).toLongs() : null;
  }

  /** Refuses the model with {@code operator: message}. */
  public InvalidModelException invalid(String message) {
    return new InvalidModelException(operator + ": " + message);
  }
}
