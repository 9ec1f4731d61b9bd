package io.lockstep.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.kernel.ElementChain.Node;
import io.lockstep.runtime.kernel.ElementChain.Operand;
import io.lockstep.runtime.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Chains of floats, integers and truth values: each element is what its steps make of it. */
interface TypedChainsConformance extends ConformanceCase {

  List<DType> TYPES =
      List.of(DType.FLOAT32, DType.BOOL, DType.INT8, DType.UINT8, DType.INT32, DType.INT64);

  @Test
  default void everyTypeConvertsToEveryOther() {
    Random random = new Random(5);
    for (DType from : TYPES) {
      for (DType to : TYPES) {
        for (int count : new int[] {1, 7, 16, 333}) {
          Node body = new ElementChain.Convert(to, new ElementChain.Input(0, from));
          new Case(random, body, List.of(from), List.of(Operand.EACH), 1, count).check(kernels());
        }
      }
    }
  }

  @Test
  default void everyTypeCompares() {
    Random random = new Random(6);
    for (DType type : TYPES) {
      for (Relation relation : Relation.values()) {
        Node body =
            new ElementChain.Compare(
                relation, new ElementChain.Input(0, type), new ElementChain.Input(1, type));
        List<DType> types = List.of(type, type);
        new Case(random, body, types, List.of(Operand.EACH, Operand.EACH), 1, 533).check(kernels());
        new Case(random, body, types, List.of(Operand.EACH, Operand.ONE), 1, 67).check(kernels());
        new Case(random, body, types, List.of(Operand.COLUMN, Operand.EACH), 5, 19)
            .check(kernels());
      }
    }
  }

  @Test
  default void aChoiceKeepsAllBits() {
    int[] bits = new int[37];
    Random random = new Random(7);
    for (int i = 0; i < bits.length; i++) {
      bits[i] = 0x7f800001 + random.nextInt(1 << 20); // NaNs that signal
    }
    Input floats = Input.of(bits);
    byte[] truth = new byte[bits.length];
    random.nextBytes(truth);
    for (int i = 0; i < truth.length; i += 2) {
      truth[i] = 0;
    }
    Node body =
        new ElementChain.Select(
            new ElementChain.Input(1, DType.BOOL),
            new ElementChain.Input(0),
            new ElementChain.Literal(Float.NEGATIVE_INFINITY));
    Output y = Output.ofWords(bits.length);
    kernels()
        .chains()
        .loop(new ElementChain(body, null), List.of(Operand.EACH, Operand.EACH))
        .run(
            1,
            bits.length,
            new MemorySegment[] {floats.segment(), Input.bare(truth)},
            new long[] {floats.offset(), 0},
            y.segment(),
            y.offset());
    y.assertNothingElseWritten();
    for (int i = 0; i < bits.length; i++) {
      int expected = truth[i] != 0 ? bits[i] : Float.floatToRawIntBits(Float.NEGATIVE_INFINITY);
      assertEquals(expected, y.getInt(0, i));
    }
  }

  @Test
  default void stepsOfAnyTypesFollowEachOther() {
    Seeds.forAll(
        200,
        random -> {
          int rows = random.nextInt(1, 6);
          int columns = random.nextInt(1, random.nextInt(4) == 0 ? 1200 : 40);
          Steps steps = new Steps(random);
          Node body = steps.node(TYPES.get(random.nextInt(TYPES.size())), 3);
          if (steps.types.isEmpty()) {
            return;
          }
          new Case(random, body, steps.types, steps.operands, rows, columns).check(kernels());
        });
  }

  /** Random steps with inputs for them. */
  final class Steps {

    private static final int MOST_INPUTS = 4;

    private final Random random;
    private final List<DType> types = new ArrayList<>();
    private final List<Operand> operands = new ArrayList<>();

    Steps(Random random) {
      this.random = random;
    }

    Node node(DType type, int depth) {
      if (depth == 0) {
        return leaf(type);
      }
      return switch (random.nextInt(4)) {
        case 0 -> new ElementChain.Convert(type, node(anyType(), depth - 1));
        case 1 ->
            new ElementChain.Select(
                node(DType.BOOL, depth - 1), node(type, depth - 1), node(type, depth - 1));
        default -> {
          if (type == DType.FLOAT32) {
            BinaryFunction function =
                random.nextBoolean() ? BinaryFunction.ADD : BinaryFunction.MUL;
            yield new ElementChain.Binary(function, node(type, depth - 1), node(type, depth - 1));
          }
          if (type != DType.BOOL) {
            yield node(type, depth - 1);
          }
          if (random.nextBoolean()) {
            Junction function = any(List.of(Junction.values()));
            yield new ElementChain.Join(function, node(type, depth - 1), node(type, depth - 1));
          }
          DType compared = anyType();
          Relation relation = any(List.of(Relation.values()));
          yield new ElementChain.Compare(
              relation, node(compared, depth - 1), node(compared, depth - 1));
        }
      };
    }

    private DType anyType() {
      return any(TYPES);
    }

    private <T> T any(List<T> all) {
      return all.get(random.nextInt(all.size()));
    }

    private Node leaf(DType type) {
      if (types.size() < MOST_INPUTS && random.nextInt(5) > 0) {
        types.add(type);
        // a loop runs over something
        operands.add(types.size() == 1 ? Operand.EACH : any(List.of(Operand.values())));
        return new ElementChain.Input(types.size() - 1, type);
      }
      for (int i = 0; i < types.size(); i++) {
        if (types.get(i) == type && random.nextBoolean()) {
          return new ElementChain.Input(i, type);
        }
      }
      long value = TypedElements.random(random, type, 1)[0];
      return type == DType.FLOAT32
          ? new ElementChain.Literal(Float.intBitsToFloat((int) value))
          : new ElementChain.Whole(type, value);
    }
  }

  /** A chain with random elements for its inputs. */
  record Case(
      Random random, Node body, List<DType> types, List<Operand> operands, int rows, int columns) {

    void check(KernelSet kernels) {
      int inputs = types.size();
      MemorySegment[] memory = new MemorySegment[inputs];
      long[][] elements = new long[inputs][];
      for (int i = 0; i < inputs; i++) {
        int count =
            switch (operands.get(i)) {
              case EACH -> rows * columns;
              case COLUMN -> columns;
              case ONE -> 1;
            };
        elements[i] = TypedElements.random(random, types.get(i), count);
        memory[i] = TypedElements.memory(random, types.get(i), elements[i]);
      }
      ElementChain chain = new ElementChain(body, null);
      DType type = chain.resultType();
      Output y = Output.ofBytes(rows * columns * type.bytes());
      MemorySegment to = y.segment().asSlice(y.offset());
      kernels.chains().loop(chain, operands).run(rows, columns, memory, new long[inputs], to, 0);
      y.assertNothingElseWritten();
      for (int i = 0; i < rows * columns; i++) {
        long[] at = new long[inputs];
        for (int input = 0; input < inputs; input++) {
          at[input] = elements[input][i % elements[input].length];
        }
        long expected = TypedElements.comparable(type, TypedElements.apply(body, at));
        long actual = TypedElements.comparable(type, TypedElements.get(type, y, i));
        int index = i;
        assertEquals(expected, actual, () -> body + " of " + operands + " at " + index);
      }
    }
  }
}
