package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.ElementChain;
import io.lockstep.runtime.kernel.ElementChain.ByteScale;
import io.lockstep.runtime.kernel.ElementChain.Node;
import io.lockstep.runtime.kernel.ElementChain.Operand;
import io.lockstep.runtime.kernel.ElementChains;
import io.lockstep.runtime.kernel.jit.LoopGenerator.Element;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** Chains as one emitted loop each. */
final class JitElementChains implements ElementChains {

  /** A chain for operands of some kinds. */
  private record Key(ElementChain chain, List<Operand> operands) {}

  private final Isa isa;
  private final ChainExpressions expressions;
  private final ElementChains others;
  private final Map<Key, Loop> loops = new ConcurrentHashMap<>();

  /**
   * Loops for one instruction set.
   *
   * @param others takes over chains that cannot be emitted
   */
  JitElementChains(Isa isa, ElementChains others) {
    this.isa = isa;
    this.expressions = new ChainExpressions(isa);
    this.others = others;
  }

  @Override
  public Loop loop(ElementChain chain, List<Operand> operands) {
    return loops.computeIfAbsent(
        new Key(chain, List.copyOf(operands)),
        key -> emitted(key).orElseGet(() -> others.loop(chain, operands)));
  }

  private Optional<Loop> emitted(Key key) {
    List<Operand> operands = key.operands();
    List<Integer> arrays = inputs(operands, operand -> operand != Operand.ONE);
    List<Integer> numbers = inputs(operands, Operand.ONE::equals);
    int columns = inputs(operands, Operand.COLUMN::equals).size();
    Element[] elements = new Element[operands.size()];
    for (Node node : key.chain().nodes()) {
      if (node instanceof ElementChain.ByteInput(int index, ByteScale scale)) {
        elements[index] = scale.signed() ? Element.SIGNED_BYTE : Element.UNSIGNED_BYTE;
        if (operands.get(index) != Operand.EACH) {
          return Optional.empty();
        }
      } else if (node instanceof ElementChain.Input(int index)) {
        elements[index] = Element.WORD;
      }
    }
    List<Element> inputs = arrays.stream().map(i -> elements[i]).toList();
    Element output = key.chain().result() == null ? Element.WORD : Element.UNSIGNED_BYTE;
    boolean hasBytes = output != Element.WORD || inputs.stream().anyMatch(e -> e != Element.WORD);
    boolean hasInstructions = isa == Isa.AVX512 || !hasBytes;
    if (!hasInstructions
        || !ChainExpressions.has(key.chain().nodes())
        || arrays.isEmpty()
        || arrays.size() > LoopGenerator.MOST_INPUTS
        || numbers.size() > LoopGenerator.MOST_PARAMETERS
        || columns > ColumnValues.SLOTS) {
      return Optional.empty();
    }
    Expression body =
        expressions.of(
            key.chain().body(),
            index ->
                arrays.contains(index)
                    ? new Expression.Input(arrays.indexOf(index))
                    : new Expression.Parameter(numbers.indexOf(index)));
    Expression expression = rounded(body, key.chain());
    if (!ExpressionWriter.fits(isa, expression)) {
      return Optional.empty();
    }
    ElementLoop code = new ElementLoop(isa, expression, inputs, output);
    return Optional.of(new Emitted(code, operands, arrays, numbers, inputs, output));
  }

  private static List<Integer> inputs(List<Operand> operands, Predicate<Operand> kind) {
    return IntStream.range(0, operands.size())
        .filter(i -> kind.test(operands.get(i)))
        .boxed()
        .toList();
  }

  private static Expression rounded(Expression value, ElementChain chain) {
    ByteScale scale = chain.result();
    if (scale == null) {
      return value;
    }
    return JitQuantize.toByte(
        value.over(Expression.constant(scale.scale())),
        Expression.constant(scale.zeroPoint()),
        Expression.constant(scale.signed() ? Byte.MIN_VALUE : 0),
        Expression.constant(scale.signed() ? Byte.MAX_VALUE : 255));
  }

  /**
   * Emitted code with its operands.
   *
   * @param arrays the inputs that are arrays, as the code counts them
   * @param numbers the inputs that are one number
   * @param elements of the arrays
   */
  private record Emitted(
      ElementLoop code,
      List<Operand> operands,
      List<Integer> arrays,
      List<Integer> numbers,
      List<Element> elements,
      Element output)
      implements Loop {

    @Override
    public void run(
        int rows, int columns, MemorySegment[] x, long[] xOffsets, MemorySegment y, long yOffset) {
      long count = (long) rows * columns;
      boolean hasColumns = operands.contains(Operand.COLUMN);
      int rowsOfCall = hasColumns ? ColumnValues.rowsOfCall(rows, columns) : Math.max(1, rows);
      long to = Addresses.of(y, yOffset * output.bytes(), count * output.bytes());
      long[] from = new long[arrays.size()];
      boolean[] moves = new boolean[from.length];
      int slot = 0;
      for (int i = 0; i < from.length; i++) {
        int input = arrays.get(i);
        int bytes = elements.get(i).bytes();
        moves[i] = operands.get(input) == Operand.EACH;
        if (moves[i]) {
          from[i] = Addresses.of(x[input], xOffsets[input] * bytes, count * bytes);
        } else {
          MemorySegment words = x[input].asSlice(xOffsets[input] * bytes, (long) columns * bytes);
          from[i] = ColumnValues.repeated(words, columns, rowsOfCall, slot++);
        }
      }
      Parameters parameters = Parameters.ofThread();
      for (int i = 0; i < numbers.size(); i++) {
        int input = numbers.get(i);
        float number =
            x[input].get(ValueLayout.JAVA_FLOAT_UNALIGNED, xOffsets[input] * Float.BYTES);
        parameters.setFloat(LoopGenerator.PARAMETERS_SLOT, i, number);
      }
      long period = (long) rowsOfCall * columns;
      long[] at = from.clone();
      for (long done = 0; done < count; done += period) {
        for (int i = 0; i < at.length; i++) {
          at[i] = moves[i] ? from[i] + done * elements.get(i).bytes() : from[i];
        }
        code.run(parameters, Math.min(period, count - done), to + done * output.bytes(), at);
      }
    }
  }
}
