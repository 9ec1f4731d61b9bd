package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.ElementChain;
import io.lockstep.runtime.kernel.ElementChain.ByteScale;
import io.lockstep.runtime.kernel.ElementChain.Node;
import io.lockstep.runtime.kernel.ElementChain.Operand;
import io.lockstep.runtime.kernel.ElementChains;
import io.lockstep.runtime.kernel.jit.LoopGenerator.Element;
import io.lockstep.runtime.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
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
    int columns = inputs(operands, Operand.COLUMN::equals).size();
    DType[] types = types(key.chain(), operands.size());
    InputWords words = new InputWords(arrays, types);
    Element output = element(key.chain().resultType());
    if (!ChainExpressions.has(key.chain().nodes())
        || arrays.isEmpty()
        || arrays.size() > LoopGenerator.MOST_INPUTS
        || columns > ColumnValues.SLOTS) {
      return Optional.empty();
    }
    Words body = expressions.words(key.chain().body(), words::get);
    List<Expression> results = results(body, key.chain());
    if (words.parameters > LoopGenerator.MOST_PARAMETERS
        || !ExpressionWriter.fits(isa, results, isa.registers() - 1)) {
      return Optional.empty();
    }
    List<Element> inputs = arrays.stream().map(i -> element(types[i])).toList();
    ElementLoop code = new ElementLoop(isa, results, inputs, output);
    return Optional.of(
        new Emitted(
            code, operands, arrays, List.copyOf(words.numbers), List.of(types), inputs, output));
  }

  /** The types of the inputs. */
  private static DType[] types(ElementChain chain, int count) {
    DType[] types = new DType[count];
    Arrays.fill(types, DType.FLOAT32); // an input that no step reads
    for (Node node : chain.nodes()) {
      if (node instanceof ElementChain.ByteInput(int index, ByteScale scale)) {
        types[index] = scale.signed() ? DType.INT8 : DType.UINT8;
      } else if (node instanceof ElementChain.Input(int index, DType type)) {
        types[index] = type;
      }
    }
    return types;
  }

  private static Element element(DType type) {
    return switch (type.bytes()) {
      case 1 -> type == DType.INT8 ? Element.SIGNED_BYTE : Element.UNSIGNED_BYTE;
      case Long.BYTES -> Element.LONG;
      default -> Element.WORD;
    };
  }

  /** What the lanes have of each input, and the parameters that hold those with one element. */
  private static final class InputWords {

    private final List<Integer> arrays;
    private final DType[] types;
    private final Words[] known;
    private final List<Integer> numbers = new ArrayList<>(); // in the order of their parameters
    private int parameters;

    InputWords(List<Integer> arrays, DType[] types) {
      this.arrays = arrays;
      this.types = types;
      this.known = new Words[types.length];
    }

    Words get(int index) {
      if (known[index] == null) {
        known[index] = arrays.contains(index) ? array(index) : number(index);
      }
      return known[index];
    }

    private Words array(int index) {
      int place = arrays.indexOf(index);
      Expression first = new Expression.Input(place);
      return types[index] == DType.INT64
          ? Words.loaded(first, new Expression.Input(place, 1))
          : Words.loaded(types[index], first);
    }

    private Words number(int index) {
      numbers.add(index);
      Expression low = new Expression.Parameter(parameters++);
      return types[index] == DType.INT64
          ? new Words(low, new Expression.Parameter(parameters++))
          : Words.loaded(types[index], low);
    }
  }

  private static List<Integer> inputs(List<Operand> operands, Predicate<Operand> kind) {
    return IntStream.range(0, operands.size())
        .filter(i -> kind.test(operands.get(i)))
        .boxed()
        .toList();
  }

  private static List<Expression> results(Words value, ElementChain chain) {
    ByteScale scale = chain.result();
    if (scale == null) {
      return value.stored(chain.resultType());
    }
    return List.of(
        JitQuantize.toByte(
            value.low().over(Expression.constant(scale.scale())),
            Expression.constant(scale.zeroPoint()),
            Expression.constant(scale.signed() ? Byte.MIN_VALUE : 0),
            Expression.constant(scale.signed() ? Byte.MAX_VALUE : 255)));
  }

  /**
   * Emitted code with its operands.
   *
   * @param arrays the inputs that are arrays, as the code counts them
   * @param numbers the inputs that are one number, in the order of their parameters
   * @param types of the inputs
   * @param elements of the arrays
   */
  private record Emitted(
      ElementLoop code,
      List<Operand> operands,
      List<Integer> arrays,
      List<Integer> numbers,
      List<DType> types,
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
          long rowBytes = (long) columns * bytes;
          MemorySegment row = x[input].asSlice(xOffsets[input] * bytes, rowBytes);
          from[i] = ColumnValues.repeated(row, rowBytes, rowsOfCall, slot++);
        }
      }
      Parameters parameters = Parameters.ofThread();
      int word = 0;
      for (int input : numbers) {
        word = setNumber(parameters, word, types.get(input), x[input], xOffsets[input]);
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

    /** Puts one element among the parameters, and gives the place behind it. */
    private static int setNumber(
        Parameters parameters, int word, DType type, MemorySegment x, long at) {
      int first = LoopGenerator.PARAMETERS_SLOT;
      switch (type.bytes()) {
        case 1 -> {
          byte value = x.get(ValueLayout.JAVA_BYTE, at);
          parameters.setWord(first, word, type == DType.INT8 ? value : Byte.toUnsignedInt(value));
        }
        case Long.BYTES -> {
          long value = x.get(ValueLayout.JAVA_LONG_UNALIGNED, at * Long.BYTES);
          parameters.setWord(first, word, (int) value);
          parameters.setWord(first, word + 1, (int) (value >> 32));
          return word + 2;
        }
        default ->
            parameters.setWord(
                first, word, x.get(ValueLayout.JAVA_INT_UNALIGNED, at * Integer.BYTES));
      }
      return word + 1;
    }
  }
}
