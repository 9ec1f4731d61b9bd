package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.jit.Assembler.Condition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a loop that computes an {@link Expression} for every element of some arrays: whole vectors
 * first, then the rest under a mask.
 *
 * <p>Nodes are computed in the order in which they are needed; a register is given back after its
 * value's last use. Constants are operands in memory.
 */
final class LoopGenerator {

  static final int COUNT_SLOT = 0;
  static final int OUTPUT_SLOT = 1;
  static final int CONSTANTS_SLOT = 2;
  static final int MASK_SLOT = 3;

  /** Two floats, {@link Expression.Parameter} 0 and 1. */
  static final int PARAMETERS_SLOT = 4;

  /** The first of the inputs' addresses. */
  static final int INPUTS_SLOT = 5;

  private static final Gp PARAMETERS = Gp.RDI;
  private static final Gp OUTPUT = Gp.RSI;
  private static final Gp COUNT = Gp.RDX;
  private static final Gp OFFSET = Gp.RCX;
  private static final Gp CONSTANTS = Gp.R8;
  private static final Gp SCRATCH = Gp.RAX;
  private static final Gp[] INPUTS = {Gp.R9, Gp.R10, Gp.R11};

  private final Assembler asm;
  private final Isa isa;
  private final Expression root;
  private final int inputs;
  private final Map<Integer, Integer> constants = new LinkedHashMap<>();
  private final IdentityHashMap<Expression, Integer> uses = new IdentityHashMap<>();
  private final List<Expression> order = new ArrayList<>();

  private IdentityHashMap<Expression, Vec> values = new IdentityHashMap<>();
  private IdentityHashMap<Expression, Integer> left = new IdentityHashMap<>();
  private Deque<Vec> free = new ArrayDeque<>();
  private boolean isMasked;

  private LoopGenerator(Isa isa, Expression root, int inputs) {
    this.asm = new Assembler(isa);
    this.isa = isa;
    this.root = root;
    this.inputs = inputs;
    visit(root);
  }

  /**
   * Code and the constants that it reads.
   *
   * @param constants bits, each for as many bytes as {@link #constantBytes} says
   */
  record Loop(NativeKernel code, List<Integer> constants) {}

  static Loop generate(Isa isa, Expression root, int inputs) {
    return new LoopGenerator(isa, root, inputs).generate();
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
      case Expression.Select s -> List.of(s.a(), s.b(), s.yes(), s.no());
    };
  }

  private Loop generate() {
    Label turn = new Label();
    Label rest = new Label();
    Label done = new Label();
    asm.mov(COUNT, Parameters.at(PARAMETERS, COUNT_SLOT));
    asm.mov(OUTPUT, Parameters.at(PARAMETERS, OUTPUT_SLOT));
    asm.mov(CONSTANTS, Parameters.at(PARAMETERS, CONSTANTS_SLOT));
    for (int i = 0; i < inputs; i++) {
      asm.mov(INPUTS[i], Parameters.at(PARAMETERS, INPUTS_SLOT + i));
    }
    asm.mov(OFFSET, 0);
    asm.sub(COUNT, isa.lanes());
    asm.jump(Condition.LESS, rest);
    asm.bind(turn);
    body(false);
    asm.add(OFFSET, isa.vectorBytes());
    asm.sub(COUNT, isa.lanes());
    asm.jump(Condition.GREATER_OR_EQUAL, turn);
    asm.bind(rest);
    asm.add(COUNT, isa.lanes());
    asm.jump(Condition.ZERO, done);
    asm.mov(SCRATCH, Parameters.at(PARAMETERS, MASK_SLOT));
    if (isa == Isa.AVX512) {
      asm.kmovw(Mask.K1, SCRATCH);
    }
    body(true);
    asm.bind(done);
    asm.vzeroupper();
    asm.ret();
    return new Loop(new NativeKernel(asm.toByteArray()), List.copyOf(constants.keySet()));
  }

  /** One vector of elements. */
  private void body(boolean masked) {
    isMasked = masked;
    values = new IdentityHashMap<>();
    left = new IdentityHashMap<>(uses);
    free = new ArrayDeque<>();
    int reserved = isa == Isa.AVX2 && masked ? 1 : 0;
    for (int i = 0; i < isa.registers() - reserved; i++) {
      free.addLast(v(i));
    }
    if (reserved > 0) {
      asm.load(avx2Mask(), mem(SCRATCH, 0));
    }
    for (Expression node : order) {
      compute(node);
    }
    Vec result = values.get(root);
    if (result == null) {
      throw new IllegalArgumentException("the expression has no elements");
    }
    store(result);
  }

  private Vec avx2Mask() {
    return v(isa.registers() - 1);
  }

  private void store(Vec from) {
    Mem to = mem(OUTPUT, OFFSET, 1, 0);
    if (!isMasked) {
      asm.store(to, from);
    } else if (isa == Isa.AVX512) {
      asm.store(to, from, Mask.K1);
    } else {
      asm.store(to, from, avx2Mask());
    }
  }

  private void compute(Expression node) {
    switch (node) {
      case Expression.Constant _, Expression.Parameter _ -> {
        // operands in memory
      }
      case Expression.Input(int index) -> {
        Vec to = take();
        loadInput(to, index);
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
      case Expression.Binary binary -> binary(binary);
      case Expression.MultiplyAdd fma -> multiplyAdd(fma);
      case Expression.Select select -> select(select);
    }
  }

  private void loadInput(Vec to, int index) {
    Mem from = mem(INPUTS[index], OFFSET, 1, 0);
    if (!isMasked) {
      asm.load(to, from);
    } else if (isa == Isa.AVX512) {
      asm.load(to, from, Mask.K1);
    } else {
      asm.load(to, from, avx2Mask());
    }
  }

  private void shift(Expression.Direction direction, Vec to, Vec from, int bits) {
    switch (direction) {
      case LEFT -> asm.shiftLeft(to, from, bits);
      case RIGHT -> asm.shiftRightLogical(to, from, bits);
      case RIGHT_SIGNED -> asm.shiftRight(to, from, bits);
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
    if (isa == Isa.AVX512) {
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

  private Mem address(Expression node) {
    return switch (node) {
      case Expression.Constant(int bits) ->
          mem(CONSTANTS, constants.getOrDefault(bits, 0) * constantBytes(isa));
      case Expression.Parameter(int index) ->
          mem(PARAMETERS, PARAMETERS_SLOT * Long.BYTES + index * Float.BYTES);
      default -> throw new IllegalArgumentException("a value in a register");
    };
  }

  private Vec take() {
    Vec register = free.pollFirst();
    if (register == null) {
      throw new IllegalArgumentException("the expression needs too many registers");
    }
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
