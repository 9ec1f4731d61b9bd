package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.ElementChain;
import io.lockstep.runtime.kernel.ElementChain.ByteScale;
import io.lockstep.runtime.kernel.ElementChain.Node;
import io.lockstep.runtime.kernel.Junction;
import io.lockstep.runtime.kernel.Relation;
import io.lockstep.runtime.tensor.DType;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;

/** Steps of chains as expressions. */
final class ChainExpressions {

  private final Functions functions;

  ChainExpressions(Isa isa) {
    this.functions = new Functions(isa);
  }

  /** Whether every one of these steps has an expression. */
  static boolean has(List<Node> nodes) {
    return nodes.stream().allMatch(ChainExpressions::has);
  }

  private static boolean has(Node node) {
    return !(node instanceof ElementChain.Binary binary)
        || Functions.has(binary.function())
        || (binary.y() instanceof ElementChain.Literal(float y) && Functions.hasPower(y));
  }

  /**
   * A step of floats and all before it.
   *
   * @param inputs gives an input's elements: floats, or bytes widened to 32 bits
   */
  Expression of(Node node, IntFunction<Expression> inputs) {
    return words(node, index -> Words.of(inputs.apply(index))).low();
  }

  /**
   * A step of any type and all before it. What several steps share is computed once.
   *
   * @param inputs gives an input's elements
   */
  Words words(Node node, IntFunction<Words> inputs) {
    return words(node, inputs, new IdentityHashMap<>());
  }

  private Words words(Node node, IntFunction<Words> inputs, IdentityHashMap<Node, Words> known) {
    Words there = known.get(node);
    if (there == null) {
      there = words(node, inputs, operand -> words(operand, inputs, known));
      known.put(node, there);
    }
    return there;
  }

  private Words words(Node node, IntFunction<Words> inputs, Function<Node, Words> of) {
    return switch (node) {
      case ElementChain.Literal(float value) -> Words.of(Expression.constant(value));
      case ElementChain.Whole(DType type, long value) -> Words.constant(type, value);
      case ElementChain.Input(int index, _) -> inputs.apply(index);
      case ElementChain.ByteInput(int index, ByteScale scale) ->
          Words.of(
              new Expression.Unary(Op.CVTDQ2PS, inputs.apply(index).low())
                  .minus(Expression.constant(scale.zeroPoint()))
                  .times(Expression.constant(scale.scale())));
      case ElementChain.Unary unary ->
          Words.of(
              functions.unary(
                  unary.function().function(),
                  of.apply(unary.x()).low(),
                  Expression.constant(unary.function().alpha()),
                  Expression.constant(unary.function().beta())));
      case ElementChain.Binary(BinaryFunction function, Node x, Node y) -> {
        Expression left = of.apply(x).low();
        yield Words.of(
            function == BinaryFunction.POW && y instanceof ElementChain.Literal(float power)
                ? Functions.power(left, power)
                : Functions.binary(function, left, of.apply(y).low()));
      }
      case ElementChain.MultiplyAdd(Node x, Node factor, Node offset) ->
          Words.of(of.apply(x).low().fma(of.apply(factor).low(), of.apply(offset).low()));
      case ElementChain.Compare(Relation relation, Node x, Node y) ->
          Words.compare(relation, ElementChain.type(x), of.apply(x), of.apply(y));
      case ElementChain.Join(Junction function, Node x, Node y) -> {
        Op op =
            switch (function) {
              case AND -> Op.ANDPS;
              case OR -> Op.ORPS;
              case XOR -> Op.XORPS;
            };
        yield Words.of(new Expression.Binary(op, of.apply(x).low(), of.apply(y).low()));
      }
      case ElementChain.Select(Node condition, Node x, Node y) ->
          of.apply(condition).choose(of.apply(x), of.apply(y));
      case ElementChain.Convert(DType to, Node x) -> of.apply(x).convert(ElementChain.type(x), to);
    };
  }
}
