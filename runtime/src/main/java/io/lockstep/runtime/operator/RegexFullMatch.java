package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** ONNX RegexFullMatch 20: whether a regular expression matches the whole text; y: BOOL. */
record RegexFullMatch(Pattern pattern) implements Operator {

  static Operator of(NodeAttributes attributes) {
    String pattern = attributes.stringOr("pattern", "");
    try {
      // RE2 writes named groups with a P.
      return new RegexFullMatch(Pattern.compile(pattern.replace("(?P<", "(?<")));
    } catch (PatternSyntaxException e) {
      throw new InvalidModelException("RegexFullMatch: the pattern is malformed: " + pattern, e);
    }
  }

  @Override
  public String name() {
    return "RegexFullMatch";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    if (inputs.dtype(0) != DType.STRING) {
      throw inputs.invalid("expected text but got " + inputs.type(0));
    }
    return List.of(inputs.type(0).withDType(DType.BOOL));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    long size = inputs.shape(0).size();
    return (in, out, _) -> {
      for (long i = 0; i < size; i++) {
        out[0].setBoolean(i, pattern.matcher(in[0].getString(i)).matches());
      }
    };
  }
}
