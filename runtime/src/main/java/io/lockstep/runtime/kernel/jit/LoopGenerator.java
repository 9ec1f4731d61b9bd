package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.jit.Assembler.Condition;
import java.util.List;

/**
 * Writes a loop that computes an {@link Expression} for every element of some arrays: whole vectors
 * first, then the rest under a mask where {@link #hasRest}.
 */
final class LoopGenerator {

  static final int COUNT_SLOT = 0;
  static final int OUTPUT_SLOT = 1;
  static final int CONSTANTS_SLOT = 2;
  static final int MASK_SLOT = 3;

  /** The first of the floats that {@link Expression.Parameter} counts, two in a slot. */
  static final int PARAMETERS_SLOT = 4;

  static final int MOST_PARAMETERS = 8;

  /** The first of the inputs' addresses. */
  static final int INPUTS_SLOT = PARAMETERS_SLOT + MOST_PARAMETERS / 2;

  static final int MOST_INPUTS = 4;

  /** How many rows of {@link #COUNT_SLOT} elements, all alike. */
  static final int ROWS_SLOT = INPUTS_SLOT + MOST_INPUTS;

  /** Bytes from one row of the output to the next. */
  static final int OUTPUT_STRIDE_SLOT = ROWS_SLOT + 1;

  /** Bytes from one row of an input to the next, one slot for each. */
  static final int INPUT_STRIDES_SLOT = OUTPUT_STRIDE_SLOT + 1;

  /**
   * Elements of an array. Bytes are widened to 32 bits, and cut to their lowest 8; 64-bit elements
   * are two vectors, {@link Expression.Input} by input and result by result.
   */
  enum Element {
    WORD(Integer.BYTES),
    SIGNED_BYTE(1),
    UNSIGNED_BYTE(1),
    LONG(Long.BYTES);

    private final int bytes;

    Element(int bytes) {
      this.bytes = bytes;
    }

    int bytes() {
      return bytes;
    }
  }

  /** Whether a loop takes elements that fill no vector; otherwise its counts are whole vectors. */
  static boolean hasRest(Isa isa, List<Element> inputs, Element output) {
    return hasMask(isa, output) && inputs.stream().allMatch(input -> hasMask(isa, input));
  }

  private static boolean hasMask(Isa isa, Element element) {
    return switch (element) {
      case WORD -> true;
      case SIGNED_BYTE, UNSIGNED_BYTE -> isa == Isa.AVX512;
      case LONG -> false;
    };
  }

  private static final Gp PARAMETERS = Gp.RDI;
  private static final Gp OUTPUT = Gp.RSI;
  private static final Gp COUNT = Gp.RDX;
  private static final Gp CONSTANTS = Gp.R8;
  private static final Gp SCRATCH = Gp.RAX;
  private static final Gp[] INPUTS = {Gp.R9, Gp.R10, Gp.R11, Gp.RCX};

  private final Assembler asm;
  private final Isa isa;
  private final ExpressionWriter writer;
  private final List<Element> inputs;
  private final Element output;

  private LoopGenerator(Isa isa, List<Expression> roots, List<Element> inputs, Element output) {
    this.asm = new Assembler(isa);
    this.isa = isa;
    this.inputs = inputs;
    this.output = output;
    this.writer =
        new ExpressionWriter(asm, roots, CONSTANTS, Parameters.at(PARAMETERS, PARAMETERS_SLOT));
  }

  /**
   * A kernel and the constants that it reads.
   *
   * @param constants bits, each for {@link ExpressionWriter#constantBytes}
   */
  record Loop(NativeKernel code, List<Integer> constants) {}

  /**
   * A loop.
   *
   * @param roots one result, or two vectors of one with {@link Element#LONG}
   */
  static Loop generate(Isa isa, List<Expression> roots, List<Element> inputs, Element output) {
    return new LoopGenerator(isa, roots, inputs, output).generate();
  }

  private Loop generate() {
    Label row = new Label();
    asm.mov(CONSTANTS, Parameters.at(PARAMETERS, CONSTANTS_SLOT));
    writer.hold(0, isa.registers() - (isa == Isa.AVX2 ? 1 : 0));
    asm.bind(row);
    row();
    moveOn(OUTPUT_SLOT, OUTPUT_STRIDE_SLOT);
    for (int i = 0; i < inputs.size(); i++) {
      moveOn(INPUTS_SLOT + i, INPUT_STRIDES_SLOT + i);
    }
    asm.mov(SCRATCH, Parameters.at(PARAMETERS, ROWS_SLOT));
    asm.sub(SCRATCH, 1);
    asm.mov(Parameters.at(PARAMETERS, ROWS_SLOT), SCRATCH);
    asm.jump(Condition.NOT_ZERO, row);
    asm.vzeroupper();
    asm.ret();
    return new Loop(new NativeKernel(asm.toByteArray()), writer.constants());
  }

  private void moveOn(int slot, int strideSlot) {
    asm.mov(SCRATCH, Parameters.at(PARAMETERS, slot));
    asm.add(SCRATCH, Parameters.at(PARAMETERS, strideSlot));
    asm.mov(Parameters.at(PARAMETERS, slot), SCRATCH);
  }

  private void row() {
    Label turn = new Label();
    Label rest = new Label();
    Label done = new Label();
    asm.mov(COUNT, Parameters.at(PARAMETERS, COUNT_SLOT));
    asm.mov(OUTPUT, Parameters.at(PARAMETERS, OUTPUT_SLOT));
    for (int i = 0; i < inputs.size(); i++) {
      asm.mov(INPUTS[i], Parameters.at(PARAMETERS, INPUTS_SLOT + i));
    }
    asm.sub(COUNT, isa.lanes());
    asm.jump(Condition.LESS, rest);
    asm.bind(turn);
    body(false);
    asm.add(OUTPUT, output.bytes() * isa.lanes());
    for (int i = 0; i < inputs.size(); i++) {
      asm.add(INPUTS[i], inputs.get(i).bytes() * isa.lanes());
    }
    asm.sub(COUNT, isa.lanes());
    asm.jump(Condition.GREATER_OR_EQUAL, turn);
    asm.bind(rest);
    if (!hasRest(isa, inputs, output)) {
      return;
    }
    asm.add(COUNT, isa.lanes());
    asm.jump(Condition.ZERO, done);
    asm.mov(SCRATCH, Parameters.at(PARAMETERS, MASK_SLOT));
    if (isa == Isa.AVX512) {
      asm.kmovw(Mask.K1, SCRATCH);
    }
    body(true);
    asm.bind(done);
  }

  /** One vector of elements. */
  private void body(boolean masked) {
    boolean reserved = isa == Isa.AVX2 && masked;
    if (reserved) {
      asm.load(avx2Mask(), mem(SCRATCH, 0));
    }
    writer.write(
        isa.registers() - (reserved ? 1 : 0),
        (to, input) -> load(to, input, masked),
        (from, vector) -> store(from, vector, masked));
  }

  private void store(Vec result, int vector, boolean masked) {
    Mem to = mem(OUTPUT, vector * isa.vectorBytes());
    if (output == Element.SIGNED_BYTE || output == Element.UNSIGNED_BYTE) {
      storeBytes(to, result, masked);
    } else if (!masked) {
      asm.store(to, result);
    } else if (isa == Isa.AVX512) {
      asm.store(to, result, Mask.K1);
    } else {
      asm.store(to, result, avx2Mask());
    }
  }

  /** The lowest byte of each lane; AVX2 packs them, as which a register serves no more. */
  private void storeBytes(Mem to, Vec result, boolean masked) {
    if (isa == Isa.AVX512) {
      asm.storeBytes(to, result, masked ? Mask.K1 : Mask.K0);
      return;
    }
    // as signed bytes, which packing does not bound
    asm.shiftLeft(result, result, 24);
    asm.shiftRight(result, result, 24);
    asm.op(Op.PACKSSDW, result, result, result);
    asm.op(Op.PACKSSWB, result, result, result);
    asm.storeLane(to, result);
    asm.swapHalves(result, result);
    asm.storeLane(mem(OUTPUT, Integer.BYTES), result);
  }

  private void load(Vec to, Expression.Input input, boolean masked) {
    int index = input.index();
    Mem from = mem(INPUTS[index], input.vector() * isa.vectorBytes());
    if (inputs.get(index) == Element.SIGNED_BYTE || inputs.get(index) == Element.UNSIGNED_BYTE) {
      Op widen = inputs.get(index) == Element.SIGNED_BYTE ? Op.PMOVSXBD : Op.PMOVZXBD;
      asm.loadWidened(widen, to, from, masked ? Mask.K1 : Mask.K0);
    } else if (!masked) {
      asm.load(to, from);
    } else if (isa == Isa.AVX512) {
      asm.load(to, from, Mask.K1);
    } else {
      asm.load(to, from, avx2Mask());
    }
  }

  private Vec avx2Mask() {
    return v(isa.registers() - 1);
  }
}
