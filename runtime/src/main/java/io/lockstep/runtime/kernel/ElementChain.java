package io.lockstep.runtime.kernel;

import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Functions of single elements applied to each other, from elements of some arrays to those of
 * another, so that nothing between them has to be stored.
 *
 * @param body what becomes of an element
 * @param result how it is rounded to a byte; null where it is stored as it is
 */
public record ElementChain(Node body, @Nullable ByteScale result) {

  /** Nodes that a chain may have. */
  public static final int MOST_NODES = 64;

  /** A step, or what steps begin with; each has a {@link #type}. */
  public sealed interface Node {}

  /** An element of an array. */
  public record Input(int index, DType type) implements Node {

    /** Of an array of floats. */
    public Input(int index) {
      this(index, DType.FLOAT32);
    }
  }

  /** An element of an array of bytes: (x - zeroPoint) scale. */
  public record ByteInput(int index, ByteScale scale) implements Node {}

  /** The same for every element. */
  public record Literal(float value) implements Node {}

  /** The same integer or truth value, 0 or 1, for every element. */
  public record Whole(DType type, long value) implements Node {}

  /** f(x), of floats. */
  public record Unary(Activation function, Node x) implements Node {}

  /** f(x, y), of floats. */
  public record Binary(BinaryFunction function, Node x, Node y) implements Node {}

  /** x factor + offset, of floats, rounded once. */
  public record MultiplyAdd(Node x, Node factor, Node offset) implements Node {}

  /** Whether a relation holds between two of one type. */
  public record Compare(Relation relation, Node x, Node y) implements Node {}

  /** f(x, y), of truth values. */
  public record Join(Junction function, Node x, Node y) implements Node {}

  /** condition ? x : y, bit by bit, of one type. */
  public record Select(Node condition, Node x, Node y) implements Node {}

  /** x as another type, as ONNX's Cast has it. */
  public record Convert(DType to, Node x) implements Node {}

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

  /** Not x. */
  public static Node not(Node x) {
    return new Join(Junction.XOR, x, new Whole(DType.BOOL, 1));
  }

  /** Whether elements of a type can be in a chain. */
  public static boolean has(DType type) {
    return switch (type) {
      case FLOAT32, BOOL, INT8, UINT8, INT32, INT64 -> true;
      case UINT16, INT16, UINT32, UINT64, FLOAT16, BFLOAT16, FLOAT64, STRING -> false;
    };
  }

  /** The only element of a tensor as a node; empty where it has more, or of a type of no chain. */
  public static Optional<Node> literal(Tensor tensor) {
    if (tensor.size() != 1 || !has(tensor.dtype())) {
      return Optional.empty();
    }
    return Optional.of(
        tensor.dtype() == DType.FLOAT32
            ? new Literal(tensor.getFloat(0))
            : new Whole(tensor.dtype(), tensor.asLong(0)));
  }

  /** The operands of a node, in order. */
  public static List<Node> operands(Node node) {
    return switch (node) {
      case Input _, ByteInput _, Literal _, Whole _ -> List.of();
      case Unary unary -> List.of(unary.x());
      case Binary binary -> List.of(binary.x(), binary.y());
      case MultiplyAdd fma -> List.of(fma.x(), fma.factor(), fma.offset());
      case Compare compare -> List.of(compare.x(), compare.y());
      case Join join -> List.of(join.x(), join.y());
      case Select select -> List.of(select.condition(), select.x(), select.y());
      case Convert convert -> List.of(convert.x());
    };
  }

  /** The type of a node whose operands have types that it takes. */
  public static DType type(Node node) {
    return switch (node) {
      case Input input -> input.type();
      case Whole whole -> whole.type();
      case ByteInput _, Literal _, Unary _, Binary _, MultiplyAdd _ -> DType.FLOAT32;
      case Compare _, Join _ -> DType.BOOL;
      case Select select -> type(select.x());
      case Convert convert -> convert.to();
    };
  }

  /** Whether the operands of a node have types that it takes. */
  private static boolean isTyped(Node node) {
    return switch (node) {
      case Input _, Whole _, Convert _ -> has(type(node));
      case ByteInput _, Literal _ -> true;
      case Unary _, Binary _, MultiplyAdd _ ->
          operands(node).stream().allMatch(x -> type(x) == DType.FLOAT32);
      case Compare compare -> type(compare.x()) == type(compare.y());
      case Join join -> type(join.x()) == DType.BOOL && type(join.y()) == DType.BOOL;
      case Select select ->
          type(select.condition()) == DType.BOOL && type(select.x()) == type(select.y());
    };
  }

  /** The same chain for arrays of these types; empty where its steps do not take them. */
  public Optional<ElementChain> of(IntFunction<DType> types) {
    Node typed = typed(body, types, new IdentityHashMap<>());
    ElementChain chain = new ElementChain(typed, result);
    boolean isRight =
        chain.nodes().stream().allMatch(ElementChain::isTyped)
            && (result == null || type(typed) == DType.FLOAT32);
    return isRight ? Optional.of(chain) : Optional.empty();
  }

  /**
   * A node whose inputs have these types.
   *
   * @param known what has become of nodes already, which several may share
   */
  private static Node typed(
      Node node, IntFunction<DType> types, IdentityHashMap<Node, Node> known) {
    Node there = known.get(node);
    if (there != null) {
      return there;
    }
    UnaryOperator<Node> inner = operand -> typed(operand, types, known);
    Node made =
        switch (node) {
          case Input(int index, _) -> new Input(index, types.apply(index));
          case ByteInput _, Literal _, Whole _ -> node;
          case Unary(Activation function, Node x) -> new Unary(function, inner.apply(x));
          case Binary(BinaryFunction function, Node x, Node y) ->
              new Binary(function, inner.apply(x), inner.apply(y));
          case MultiplyAdd(Node x, Node factor, Node offset) ->
              new MultiplyAdd(inner.apply(x), inner.apply(factor), inner.apply(offset));
          case Compare(Relation relation, Node x, Node y) ->
              new Compare(relation, inner.apply(x), inner.apply(y));
          case Join(Junction function, Node x, Node y) ->
              new Join(function, inner.apply(x), inner.apply(y));
          case Select(Node condition, Node x, Node y) ->
              new Select(inner.apply(condition), inner.apply(x), inner.apply(y));
          case Convert(DType to, Node x) -> new Convert(to, inner.apply(x));
        };
    known.put(node, made);
    return made;
  }

  /** The type of what is stored. */
  public DType resultType() {
    return result == null ? type(body) : result.signed() ? DType.INT8 : DType.UINT8;
  }

  /** All nodes, operands before what uses them; one that several share is there once. */
  public List<Node> nodes() {
    List<Node> nodes = new ArrayList<>();
    collect(body, nodes, Collections.newSetFromMap(new IdentityHashMap<>()));
    return nodes;
  }

  private static void collect(Node node, List<Node> nodes, Set<Node> there) {
    if (there.add(node)) {
      operands(node).forEach(operand -> collect(operand, nodes, there));
      nodes.add(node);
    }
  }

  /** The nodes that are operands more than once, by identity. */
  Set<Node> shared() {
    Set<Node> used = Collections.newSetFromMap(new IdentityHashMap<>());
    Set<Node> shared = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Node node : nodes()) {
      for (Node operand : operands(node)) {
        if (!used.add(operand)) {
          shared.add(operand);
        }
      }
    }
    return shared;
  }
}
