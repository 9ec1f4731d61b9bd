package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.ElementChain;
import io.lockstep.runtime.kernel.ElementChain.ByteScale;
import io.lockstep.runtime.kernel.ElementChain.Node;
import java.util.List;
import java.util.function.IntFunction;

/** Steps of chains as expressions. */
final class ChainExpressions {

  private final Functions functions;

  ChainExpressions(Isa isa) {
    this.functions = new Functions(isa);
  }

  /** Whether every one of these steps has an expression. */
  static boolean has(List<Node> nodes) {
    return nodes.stream()
        .allMatch(node ->
            !(node instanceof ElementChain.Binary(BinaryFunction function, _, _))
                || Functions.has(function));
  }

  /**
   * A step and all before it.
   *
   * @param inputs gives an input's elements: floats, or bytes widened to 32 bits
   */
  Expression of(Node node, IntFunction<Expression> inputs) {
    return switch (node) {
      case ElementChain.Literal(float value) -> Expression.constant(value);
      case ElementChain.Input(int index) -> inputs.apply(index);
      case ElementChain.ByteInput(int index, ByteScale scale) ->
          new Expression.Unary(Op.CVTDQ2PS, inputs.apply(index))
              .minus(Expression.constant(scale.zeroPoint()))
              .times(Expression.constant(scale.scale()));
      case ElementChain.Unary unary ->
          functions.unary(
              unary.function().function(),
              of(unary.x(), inputs),
              Expression.constant(unary.function().alpha()),
              Expression.constant(unary.function().beta()));
      case ElementChain.Binary binary ->
          Functions.binary(binary.function(), of(binary.x(), inputs), of(binary.y(), inputs));
      case ElementChain.MultiplyAdd fma ->
          of(fma.x(), inputs).fma(of(fma.factor(), inputs), of(fma.offset(), inputs));
    };
  }
}
