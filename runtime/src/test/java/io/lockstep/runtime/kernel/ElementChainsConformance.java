package io.lockstep.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.kernel.ElementChain.ByteScale;
import io.lockstep.runtime.kernel.ElementChain.Node;
import io.lockstep.runtime.kernel.ElementChain.Operand;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Chains of elementwise steps: each step gives the bits that it gives by itself. */
interface ElementChainsConformance extends ConformanceCase {

  @Test
  default void aChainGivesTheBitsOfItsSteps() {
    Seeds.forAll(
        150,
        random -> {
          int rows = random.nextInt(0, 7);
          int columns = random.nextInt(1, random.nextInt(4) == 0 ? 1200 : 40);
          RandomChain chain = new RandomChain(random, rows, columns);
          ElementChain subject = chain.chain();
          int count = rows * columns;
          boolean toBytes = subject.result() != null;
          Output y = toBytes ? Output.ofBytes(count) : Output.ofWords(count);

          kernels()
              .chains()
              .loop(subject, chain.operands)
              .run(
                  rows,
                  columns,
                  chain.memory.toArray(MemorySegment[]::new),
                  chain.offsets.stream().mapToLong(Long::longValue).toArray(),
                  y.segment(),
                  y.offset());

          Output expected = toBytes ? Output.ofBytes(count) : Output.ofWords(count);
          new SteppedChains(kernels().elementwise(), kernels().quantize())
              .loop(subject, chain.operands)
              .run(
                  rows,
                  columns,
                  chain.memory.toArray(MemorySegment[]::new),
                  chain.offsets.stream().mapToLong(Long::longValue).toArray(),
                  expected.segment(),
                  expected.offset());
          assertArrayEquals(expected.bits(), y.bits(), () -> subject + " of " + chain.operands);
          y.assertNothingElseWritten();
        });
  }

  @Test
  default void aChainAppliesItsStepsInOrder() {
    float[] x = {1, -2, 3, 0.5f, 9};
    Node sum =
        new ElementChain.Binary(
            BinaryFunction.ADD, new ElementChain.Input(0), new ElementChain.Input(1));
    Node scaled = new ElementChain.Binary(BinaryFunction.MUL, sum, new ElementChain.Literal(2));
    Node affine =
        new ElementChain.MultiplyAdd(
            scaled, new ElementChain.Input(2), new ElementChain.Literal(1));
    Node relu = new ElementChain.Unary(Activation.of(UnaryFunction.RELU), affine);
    Input each = Input.of(x);
    Input one = Input.of(10f);
    Input factors = Input.of(1f, 2f, -1f, 1f, 1f);
    Output y = Output.ofWords(5);
    kernels()
        .chains()
        .loop(new ElementChain(relu, null), List.of(Operand.EACH, Operand.ONE, Operand.COLUMN))
        .run(
            1,
            5,
            new MemorySegment[] {each.segment(), one.segment(), factors.segment()},
            new long[] {each.offset(), one.offset(), factors.offset()},
            y.segment(),
            y.offset());
    for (int i = 0; i < 5; i++) {
      float factor = i == 1 ? 2 : i == 2 ? -1 : 1;
      assertEquals(Math.max(0, (x[i] + 10) * 2 * factor + 1), y.getFloat(0, i));
    }
  }

  /** A random chain with operands for it. */
  final class RandomChain {

    private static final List<UnaryFunction> FUNCTIONS =
        List.of(
            UnaryFunction.RELU,
            UnaryFunction.SIGMOID,
            UnaryFunction.TANH,
            UnaryFunction.EXP,
            UnaryFunction.SQRT,
            UnaryFunction.ABS,
            UnaryFunction.CLIP,
            UnaryFunction.GELU);

    private static final List<BinaryFunction> ARITHMETIC =
        List.of(
            BinaryFunction.ADD,
            BinaryFunction.SUB,
            BinaryFunction.MUL,
            BinaryFunction.DIV,
            BinaryFunction.MAX,
            BinaryFunction.MIN,
            BinaryFunction.PRELU,
            BinaryFunction.POW);

    private static final List<Operand> KINDS = List.of(Operand.EACH, Operand.COLUMN, Operand.ONE);

    final List<Operand> operands = new ArrayList<>();
    final List<MemorySegment> memory = new ArrayList<>();
    final List<Long> offsets = new ArrayList<>();
    private final Random random;
    private final int rows;
    private final int columns;

    RandomChain(Random random, int rows, int columns) {
      this.random = random;
      this.rows = rows;
      this.columns = columns;
    }

    ElementChain chain() {
      Node body = new ElementChain.Unary(Activation.of(UnaryFunction.NEG), input(Operand.EACH));
      int steps = random.nextInt(1, 6);
      for (int i = 0; i < steps; i++) {
        body = step(body);
      }
      return new ElementChain(body, random.nextInt(3) == 0 ? scale() : null);
    }

    private ByteScale scale() {
      boolean signed = random.nextBoolean();
      return new ByteScale(
          0.01f + random.nextFloat(), random.nextInt(20) - (signed ? 10 : 0), signed);
    }

    private Node step(Node x) {
      return switch (random.nextInt(4)) {
        case 0 ->
            new ElementChain.Unary(
                new Activation(FUNCTIONS.get(random.nextInt(FUNCTIONS.size())), -0.5f, 2), x);
        case 1 -> new ElementChain.MultiplyAdd(x, input(Operand.COLUMN), input(Operand.COLUMN));
        default -> {
          Node y = random.nextInt(4) == 0 ? new ElementChain.Literal(1.5f) : input(anyOperand());
          BinaryFunction function = ARITHMETIC.get(random.nextInt(ARITHMETIC.size()));
          yield random.nextBoolean()
              ? new ElementChain.Binary(function, x, y)
              : new ElementChain.Binary(function, y, x);
        }
      };
    }

    private Operand anyOperand() {
      return KINDS.get(random.nextInt(KINDS.size()));
    }

    private Node input(Operand operand) {
      int count =
          switch (operand) {
            case EACH -> rows * columns;
            case COLUMN -> columns;
            case ONE -> 1;
          };
      int index = operands.size();
      operands.add(operand);
      if (random.nextInt(4) == 0) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        memory.add(Input.bare(bytes));
        offsets.add(0L);
        return new ElementChain.ByteInput(index, scale());
      }
      Input floats = Input.of(Input.gaussians(random, count));
      memory.add(floats.segment());
      offsets.add(floats.offset());
      return new ElementChain.Input(index);
    }
  }
}
