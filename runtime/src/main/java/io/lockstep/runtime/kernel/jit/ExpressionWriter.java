package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the instructions that compute {@link Expression}s for one vector of elements.
 *
 * <p>Nodes are computed in the order in which they are needed; a register is given back after its
 * value's last use. Constants are operands in memory, or in registers that are left over.
 */
final class ExpressionWriter {

  /** Gives an element of an input array. */
  @FunctionalInterface
  interface InputLoader {
    void load(Vec to, Expression.Input input);
  }

  /** Takes a result out of its register. */
  @FunctionalInterface
  interface ResultStorer {
    void store(Vec from, int index);
  }

  private final Assembler asm;
  private final Isa isa;
  private final IdentityHashMap<Expression, Integer> roots = new IdentityHashMap<>();
  private final Gp constantsBase;
  private final Mem parameters;
  private final Map<Integer, Integer> constants = new LinkedHashMap<>();

  /** Behind the constants. */
  private final Map<List<Integer>, Integer> tables = new LinkedHashMap<>();

  private final IdentityHashMap<Expression, Integer> uses = new IdentityHashMap<>();
  private final List<Expression> order = new ArrayList<>();
  private final Map<Expression, Vec> held = new HashMap<>();

  /** How often a constant or parameter is read: in a register of its own, and all in all. */
  private final Map<Expression, Integer> loads = new LinkedHashMap<>();

  private final Map<Expression, Integer> reads = new LinkedHashMap<>();
  private int mostTaken;

  private IdentityHashMap<Expression, Vec> values = new IdentityHashMap<>();
  private IdentityHashMap<Expression, Integer> left = new IdentityHashMap<>();
  private Deque<Vec> free = new ArrayDeque<>();

  /**
   * A writer for one expression.
   *
   * @param constantsBase holds the address of the constants
   * @param parameters where {@link Expression.Parameter} 0 is; the next one follows it
   */
  ExpressionWriter(Assembler asm, Expression root, Gp constantsBase, Mem parameters) {
    this(asm, List.of(root), constantsBase, parameters);
  }

  /** The same for several, which are computed in their order. */
  ExpressionWriter(Assembler asm, List<Expression> roots, Gp constantsBase, Mem parameters) {
    this.asm = asm;
    this.isa = asm.isa();
    this.constantsBase = constantsBase;
    this.parameters = parameters;
    for (int i = 0; i < roots.size(); i++) {
      this.roots.put(roots.get(i), i);
      visit(roots.get(i));
    }
  }

  /** Whether the registers of a loop suffice for an expression. */
  static boolean fits(Isa isa, Expression root) {
    return fits(isa, List.of(root), isa.registers() - 1);
  }

  /** Whether so many registers suffice for expressions. */
  static boolean fits(Isa isa, List<Expression> roots, int registers) {
    Assembler draft = new Assembler(isa);
    try {
      new ExpressionWriter(draft, roots, Gp.R8, mem(Gp.RDI, 0))
          .write(registers, (_, _) -> {}, (_, _) -> {});
      return true;
    } catch (RegistersExhaustedException tooFew) {
      return false;
    }
  }

  private static final class RegistersExhaustedException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    RegistersExhaustedException() {
      super("the expression needs too many registers");
    }
  }

  /**
   * The bits of the constants and then of tables, each for as many bytes as {@link #constantBytes}
   * says.
   */
  List<Integer> constants() {
    List<Integer> all = new ArrayList<>(constants.keySet());
    tables.keySet().forEach(all::addAll);
    return List.copyOf(all);
  }

  /** Bytes of a constant in memory: AVX-512 repeats an element itself. */
  static int constantBytes(Isa isa) {
    return isa == Isa.AVX512 ? Float.BYTES : isa.vectorBytes();
  }

  /** Notes uses and an order in which operands precede what uses them. */
  private void visit(Expression node) {
    if (uses.merge(node, 1, Integer::sum) > 1) {
      return;
    }
    operands(node).forEach(this::visit);
    order.add(node);
    if (node instanceof Expression.Constant(int bits)) {
      constants.putIfAbsent(bits, constants.size());
    } else if (node instanceof Expression.Lookup lookup) {
      tables.putIfAbsent(lookup.table(), tables.size());
    }
  }

  private static List<Expression> operands(Expression node) {
    return switch (node) {
      case Expression.Input _, Expression.Constant _, Expression.Parameter _ -> List.of();
      case Expression.Unary unary -> List.of(unary.a());
      case Expression.Binary binary -> List.of(binary.a(), binary.b());
      case Expression.MultiplyAdd fma -> List.of(fma.a(), fma.b(), fma.c());
      case Expression.Shift shift -> List.of(shift.a());
      case Expression.Round round -> List.of(round.a());
      case Expression.Lookup lookup -> List.of(lookup.index());
      case Expression.Swap swap -> List.of(swap.a());
      case Expression.Merge merge -> List.of(merge.a(), merge.b());
      case Expression.Select s -> List.of(s.a(), s.b(), s.yes(), s.no());
    };
  }

  /**
   * Loads constants and parameters into registers that {@link #write} has no use for, which then
   * reads them there. Those come first that instructions do not take from memory.
   *
   * @param first the first register that may be held
   * @param registers how many registers may be used, from the very first on
   */
  void hold(int first, int registers) {
    List<Expression> inOrder = new ArrayList<>(roots.keySet());
    inOrder.sort(Comparator.comparing(roots::get));
    ExpressionWriter draft =
        new ExpressionWriter(new Assembler(isa), inOrder, constantsBase, parameters);
    draft.write(registers, (_, _) -> {}, (_, _) -> {});
    draft.reads.keySet().stream()
        .sorted(
            Comparator.<Expression>comparingInt(node -> draft.loads.getOrDefault(node, 0))
                .thenComparingInt(draft.reads::get)
                .reversed())
        .limit(Math.max(0, registers - Math.max(first, draft.mostTaken)))
        .forEach(node -> {
          Vec to = v(registers - 1 - held.size());
          asm.broadcast(to, address(node));
          held.put(node, to);
        });
  }

  /**
   * Computes one vector of the only result.
   *
   * @param registers how many registers may be used, from the first on
   * @return the register of the result
   */
  Vec write(int registers, InputLoader loader) {
    Vec[] result = new Vec[1];
    write(registers, loader, (from, _) -> result[0] = from);
    return result[0];
  }

  /**
   * Computes one vector of each result, and lets it be stored as soon as it is there.
   *
   * @param registers how many registers may be used, from the first on
   */
  void write(int registers, InputLoader loader, ResultStorer storer) {
    values = new IdentityHashMap<>();
    left = new IdentityHashMap<>(uses);
    free = new ArrayDeque<>();
    for (int i = 0; i < registers; i++) {
      free.addLast(v(i));
    }
    for (Expression node : order) {
      compute(node, loader);
      Integer root = roots.get(node);
      if (root != null) {
        store(node, root, storer);
      }
    }
  }

  private void store(Expression root, int index, ResultStorer storer) {
    Vec result = values.get(root);
    if (result == null) {
      throw new IllegalArgumentException("the expression has no elements");
    }
    storer.store(result, index);
    if (left.merge(root, -1, Integer::sum) == 0) {
      free.addFirst(result);
    }
  }

  private void compute(Expression node, InputLoader loader) {
    switch (node) {
      case Expression.Constant _, Expression.Parameter _ -> {
        // operands in memory
      }
      case Expression.Input input -> {
        Vec to = take();
        loader.load(to, input);
        values.put(node, to);
      }
      case Expression.Unary(Op op, Expression a) -> {
        Operands operands = new Operands(a);
        asm.op(op, operands.result(node), operands.get(0));
      }
      case Expression.Shift(Expression.Direction direction, Expression a, int bits) -> {
        Operands operands = new Operands(a);
        shift(direction, operands.result(node), operands.get(0), bits);
      }
      case Expression.Round(Expression a, Assembler.Rounding rounding) -> {
        Operands operands = new Operands(a);
        asm.round(operands.result(node), operands.get(0), rounding);
      }
      case Expression.Lookup(List<Integer> table, Expression index) -> {
        Operands operands = new Operands(index);
        asm.op(Op.PERMPS, operands.result(node), operands.get(0), table(table));
      }
      case Expression.Swap(Expression a, int distance) -> {
        Operands operands = new Operands(a);
        swap(operands.result(node), operands.get(0), distance);
      }
      case Expression.Merge(Expression.Order mergeOrder, Expression a, Expression b) -> {
        Operands operands = new Operands(a, b);
        merge(mergeOrder, operands.result(node), operands.get(0), operands.get(1));
      }
      case Expression.Binary binary -> binary(binary);
      case Expression.MultiplyAdd fma -> multiplyAdd(fma);
      case Expression.Select select -> select(select);
    }
  }

  private void shift(Expression.Direction direction, Vec to, Vec from, int bits) {
    switch (direction) {
      case LEFT -> asm.shiftLeft(to, from, bits);
      case RIGHT -> asm.shiftRightLogical(to, from, bits);
      case RIGHT_SIGNED -> asm.shiftRight(to, from, bits);
    }
  }

  private void swap(Vec to, Vec from, int distance) {
    if (distance == isa.lanes() / 2) {
      asm.swapHalves(to, from);
      return;
    }
    switch (distance) {
      case 4 -> asm.swapFours(to, from);
      case 2 -> asm.permuteFours(to, from, 0x4E);
      case 1 -> asm.permuteFours(to, from, 0xB1);
      default -> throw new IllegalArgumentException("no instruction swaps over " + distance);
    }
  }

  private void merge(Expression.Order how, Vec to, Vec a, Vec b) {
    boolean wide = isa == Isa.AVX512;
    switch (how) {
      case EVEN -> asm.shuffle(to, a, b, 0x88);
      case ODD -> asm.shuffle(to, a, b, 0xDD);
      case EVEN_FOURS -> asm.shuffleFours(to, a, b, wide ? 0x88 : 0x20);
      case ODD_FOURS -> asm.shuffleFours(to, a, b, wide ? 0xDD : 0x31);
      case LOWER_FOURS -> asm.shuffleFours(to, a, b, wide ? 0x44 : 0x20);
      case UPPER_FOURS -> asm.shuffleFours(to, a, b, wide ? 0xEE : 0x31);
    }
    if (wide && (how == Expression.Order.LOWER_FOURS || how == Expression.Order.UPPER_FOURS)) {
      asm.shuffleFours(to, to, to, 0xD8);
    }
  }

  private void binary(Expression.Binary node) {
    if (takesFromMemory(node.b())) {
      Operands operands = new Operands(node.a());
      withMemory(node.op(), operands.result(node), operands.get(0), node.b());
    } else {
      Operands operands = new Operands(node.a(), node.b());
      asm.op(node.op(), operands.result(node), operands.get(0), operands.get(1));
    }
  }

  /** The instruction overwrites a. */
  private void multiplyAdd(Expression.MultiplyAdd node) {
    boolean fromMemory = takesFromMemory(node.c());
    Operands operands =
        fromMemory ? new Operands(node.a(), node.b()) : new Operands(node.a(), node.b(), node.c());
    Vec to = operands.resultOver(node, 0);
    if (fromMemory) {
      withMemory(Op.FMADD213PS, to, operands.get(1), node.c());
    } else {
      asm.op(Op.FMADD213PS, to, operands.get(1), operands.get(2));
    }
  }

  private void select(Expression.Select node) {
    Operands operands = new Operands(node.a(), node.b(), node.yes(), node.no());
    if (isa == Isa.AVX512) {
      asm.compare(Mask.K2, node.comparison(), operands.get(0), operands.get(1));
      asm.select(operands.result(node), Mask.K2, operands.get(2), operands.get(3));
    } else {
      Vec mask = take();
      asm.compare(mask, node.comparison(), operands.get(0), operands.get(1));
      asm.select(operands.result(node), mask, operands.get(2), operands.get(3));
      free.addFirst(mask);
    }
  }

  private void withMemory(Op op, Vec to, Vec a, Expression b) {
    reads.merge(b, 1, Integer::sum);
    Vec register = held.get(b);
    if (register != null) {
      asm.op(op, to, a, register);
    } else if (isa == Isa.AVX512) {
      asm.opBroadcast(op, to, a, address(b));
    } else {
      asm.op(op, to, a, address(b));
    }
  }

  /** Whether an instruction can take it as its last operand where it is. */
  private boolean takesFromMemory(Expression node) {
    return node instanceof Expression.Constant
        || (node instanceof Expression.Parameter && isa == Isa.AVX512);
  }

  private Mem table(List<Integer> table) {
    int before = constants.size() + tables.getOrDefault(table, 0) * table.size();
    return mem(constantsBase, before * constantBytes(isa));
  }

  private Mem address(Expression node) {
    return switch (node) {
      case Expression.Constant(int bits) ->
          mem(constantsBase, constants.getOrDefault(bits, 0) * constantBytes(isa));
      case Expression.Parameter(int index) ->
          mem(parameters.base(), parameters.displacement() + index * Float.BYTES);
      default -> throw new IllegalArgumentException("a value in a register");
    };
  }

  private Vec take() {
    Vec register = free.pollFirst();
    if (register == null) {
      throw new RegistersExhaustedException();
    }
    mostTaken = Math.max(mostTaken, register.number() + 1);
    return register;
  }

  /** The operands of one node in registers, and what becomes of those registers afterwards. */
  private final class Operands {

    private final Vec[] registers;
    private final List<Vec> released = new ArrayList<>();

    Operands(Expression... nodes) {
      registers = new Vec[nodes.length];
      for (int i = 0; i < nodes.length; i++) {
        registers[i] = load(nodes[i]);
      }
    }

    private Vec load(Expression node) {
      if (node instanceof Expression.Constant || node instanceof Expression.Parameter) {
        reads.merge(node, 1, Integer::sum);
        loads.merge(node, 1, Integer::sum);
        Vec register = held.get(node);
        if (register != null) {
          return register;
        }
        Vec temporary = take();
        asm.broadcast(temporary, address(node));
        released.add(temporary);
        return temporary;
      }
      Vec register = values.get(node);
      if (register == null) {
        throw new IllegalStateException("an operand is not computed yet");
      }
      if (left.merge(node, -1, Integer::sum) == 0) {
        released.add(register);
      }
      return register;
    }

    Vec get(int operand) {
      return registers[operand];
    }

    /** The register of the node's value: an operand's that nothing reads again, or a free one. */
    Vec result(Expression node) {
      Vec to = released.isEmpty() ? take() : released.removeFirst();
      return end(node, to);
    }

    /** The same with an operand's value already in it. */
    Vec resultOver(Expression node, int operand) {
      Vec from = registers[operand];
      if (released.remove(from)) {
        return end(node, from);
      }
      Vec to = take();
      asm.move(to, from);
      return end(node, to);
    }

    private Vec end(Expression node, Vec to) {
      released.forEach(free::addFirst);
      values.put(node, to);
      return to;
    }
  }
}
