package io.lockstep.runtime.kernel;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Functions of single elements applied to each other, of floats from some arrays to floats or bytes
 * of another, so that nothing between them has to be stored.
 *
 * @param body what becomes of an element
 * @param result how it is rounded to a byte; null for a float
 */
public record ElementChain(Node body, @Nullable ByteScale result) {

  /** A step, or what steps begin with. */
  public sealed interface Node {}

  /** An element of an array of floats. */
  public record Input(int index) implements Node {}

  /** An element of an array of bytes: (x - zeroPoint) scale. */
  public record ByteInput(int index, ByteScale scale) implements Node {}

  /** The same for every element. */
  public record Literal(float value) implements Node {}

  /** f(x). */
  public record Unary(Activation function, Node x) implements Node {}

  /** f(x, y). */
  public record Binary(BinaryFunction function, Node x, Node y) implements Node {}

  /** x factor + offset, rounded once. */
  public record MultiplyAdd(Node x, Node factor, Node offset) implements Node {}

  /** What bytes stand for, as ONNX's QuantizeLinear has it. */
  public record ByteScale(float scale, int zeroPoint, boolean signed) {}

  /** What an array has for the elements of a matrix. */
  public enum Operand {
    /** One for each. */
    EACH,
    /** One for each column. */
    COLUMN,
    /** One for all. */
    ONE
  }

  /** The operands of a node, in order. */
  public static List<Node> operands(Node node) {
    return switch (node) {
      case Input _, ByteInput _, Literal _ -> List.of();
      case Unary unary -> List.of(unary.x());
      case Binary binary -> List.of(binary.x(), binary.y());
      case MultiplyAdd fma -> List.of(fma.x(), fma.factor(), fma.offset());
    };
  }

  /** All nodes, operands before what uses them. */
  public List<Node> nodes() {
    List<Node> nodes = new ArrayList<>();
    collect(body, nodes);
    return nodes;
  }

  private static void collect(Node node, List<Node> nodes) {
    operands(node).forEach(operand -> collect(operand, nodes));
    nodes.add(node);
  }
}
