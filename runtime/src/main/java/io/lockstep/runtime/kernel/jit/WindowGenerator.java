package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.jit.Assembler.Comparison;
import io.lockstep.runtime.kernel.jit.Assembler.Condition;

/**
 * Writes kernels that fold the windows of some neighbouring pixels, a vector of channels at a time:
 * depthwise convolution and pooling of images with channels last.
 *
 * <p>The taps of a window are walked row by row. The last vector of channels ends with the last
 * channel, so it may overlap the one before, whose results it repeats; there must be at least a
 * vector of channels, and the result must not overlap what is read.
 */
final class WindowGenerator extends WindowCode {

  private static final Gp WEIGHTS_LINE = Gp.RSI;
  private static final Gp TAP = Gp.RDX;
  private static final Gp WEIGHT = Gp.RBX;
  private static final Gp TAP_STEP = Gp.R12;
  private static final Gp CHANNELS = Gp.R13;
  private static final Gp TAPS_LEFT = Gp.R14;
  private static final Gp LINES_LEFT = Gp.R15;

  /** The pixel step, three, five and seven of it: with scales they reach eight pixels. */
  private static final Gp[] STEPS = {Gp.R8, Gp.R9, Gp.R10, Gp.R11};

  private static final Gp[] SAVED = {Gp.RBX, Gp.R12, Gp.R13, Gp.R14, Gp.R15};

  private final int pixels;

  /** Weights, or a second temporary register where there are none. */
  private final Vec weights;

  private final Vec temporary;
  private final Vec weightSum;
  private final Vec lowWord;

  private WindowGenerator(Isa isa, WindowFold fold, int pixels) {
    super(isa, fold, pixels);
    this.pixels = pixels;
    this.weights = v(pixels);
    this.temporary = v(pixels + 1);
    this.weightSum = v(pixels + 2);
    this.lowWord = v(pixels + 3);
  }

  /**
   * The kernel for tiles of some pixels.
   *
   * @param pixels 1, 2, 4 or 8
   */
  static NativeKernel generate(Isa isa, WindowFold fold, int pixels) {
    return new NativeKernel(new WindowGenerator(isa, fold, pixels).generate());
  }

  private byte[] generate() {
    for (Gp register : SAVED) {
      asm.push(register);
    }
    loadSteps();
    tiles();
    for (int i = SAVED.length - 1; i >= 0; i--) {
      asm.pop(SAVED[i]);
    }
    asm.vzeroupper();
    asm.ret();
    return asm.toByteArray();
  }

  @Override
  void vector() {
    start();
    taps();
    finish();
    store();
  }

  private void loadSteps() {
    asm.mov(STEPS[0], slot(WindowSlots.PIXEL_STEP));
    for (int i = 1; i < STEPS.length && 2 * i + 1 < pixels; i++) {
      asm.lea(STEPS[i], mem(STEPS[i - 1], STEPS[0], 2, 0));
    }
    asm.mov(TAP_STEP, slot(WindowSlots.TAP_STEP));
    asm.mov(CHANNELS, slot(WindowSlots.CHANNELS));
    if (fold.isOfBytes() && fold != WindowFold.UNSIGNED_REQUANTIZED) {
      asm.broadcast(lowWord, slot(WindowSlots.LOW_WORD));
    }
  }

  private void start() {
    asm.broadcast(v(0), slot(WindowSlots.INITIAL));
    for (int i = 1; i < pixels; i++) {
      asm.move(v(i), v(0));
    }
    if (fold.isOfBytes()) {
      asm.zero(weightSum);
    }
  }

  private void taps() {
    Label line = new Label();
    Label tap = new Label();
    Label done = new Label();
    asm.mov(LINES_LEFT, slot(WindowSlots.LINES));
    asm.test(LINES_LEFT, LINES_LEFT);
    asm.jump(Condition.ZERO, done);
    asm.mov(LINE, slot(WindowSlots.X));
    asm.add(LINE, OFFSET);
    asm.mov(WEIGHTS_LINE, slot(WindowSlots.WEIGHTS));
    asm.bind(line);
    asm.mov(TAP, LINE);
    asm.mov(WEIGHT, WEIGHTS_LINE);
    asm.mov(TAPS_LEFT, slot(WindowSlots.TAPS));
    asm.bind(tap);
    tap();
    asm.add(TAP, TAP_STEP);
    asm.add(WEIGHT, CHANNELS);
    asm.sub(TAPS_LEFT, 1);
    asm.jump(Condition.NOT_ZERO, tap);
    asm.add(LINE, slot(WindowSlots.LINE_STEP));
    asm.add(WEIGHTS_LINE, slot(WindowSlots.WEIGHTS_LINE));
    asm.sub(LINES_LEFT, 1);
    asm.jump(Condition.NOT_ZERO, line);
    asm.bind(done);
  }

  private void tap() {
    if (fold.hasWeights()) {
      asm.load(weights, wide(WEIGHT, 0));
    }
    if (fold.isOfBytes()) {
      asm.op(Op.PADDD, weightSum, weightSum, weights);
    }
    if (fold.isOfBytes() && fold != WindowFold.UNSIGNED_REQUANTIZED) {
      asm.op(Op.ANDPS, weights, weights, lowWord);
    }
    for (int i = 0; i < pixels; i++) {
      Mem x = pixel(i);
      switch (fold) {
        case PRODUCTS -> asm.op(Op.FMADD231PS, v(i), weights, x);
        case UNSIGNED_PRODUCTS -> addProduct(Op.PMOVZXBD, v(i), x);
        case SIGNED_PRODUCTS -> addProduct(Op.PMOVSXBD, v(i), x);
        case UNSIGNED_REQUANTIZED -> addDot(Op.PMOVZXBD, v(i), x);
        case SIGNED_REQUANTIZED -> addDot(Op.PMOVSXBD, v(i), x);
        case MAXIMUM -> maximum(v(i), x);
        case MEAN -> asm.op(Op.ADDPS, v(i), v(i), x);
      }
    }
  }

  /** The upper words of the weights are zero, so that a lane's sum of two products is one. */
  private void addProduct(Op widen, Vec sum, Mem x) {
    asm.op(widen, temporary, x);
    asm.op(Op.PMADDWD, temporary, temporary, weights);
    asm.op(Op.PADDD, sum, sum, temporary);
  }

  /**
   * The same at once. The upper words of unsigned bytes are zero, so the weights' do not matter.
   */
  private void addDot(Op widen, Vec sum, Mem x) {
    asm.op(widen, temporary, x);
    asm.op(Op.PDPWSSD, sum, temporary, weights);
  }

  /** The instruction takes its second operand where one is a NaN, so a new NaN is chosen apart. */
  private void maximum(Vec max, Mem x) {
    asm.load(temporary, x);
    asm.op(Op.MAXPS, max, temporary, max);
    if (isa == Isa.AVX512) {
      asm.compare(Mask.K1, Comparison.UNORDERED, temporary, temporary);
      asm.select(max, Mask.K1, temporary, max);
    } else {
      asm.compare(weights, Comparison.UNORDERED, temporary, temporary);
      asm.select(max, weights, temporary, max);
    }
  }

  private Mem pixel(int pixel) {
    return switch (pixel) {
      case 0 -> mem(TAP, 0);
      case 1, 2, 4 -> mem(TAP, STEPS[0], pixel, 0);
      case 3, 6 -> mem(TAP, STEPS[1], pixel / 3, 0);
      case 5 -> mem(TAP, STEPS[2], 1, 0);
      case 7 -> mem(TAP, STEPS[3], 1, 0);
      default -> throw new IllegalArgumentException("eight pixels at most");
    };
  }

  private void finish() {
    switch (fold) {
      case PRODUCTS -> {
        addBias(temporary);
        addResidual();
        clamp(weights, temporary);
      }
      case UNSIGNED_PRODUCTS, SIGNED_PRODUCTS -> {
        asm.broadcast(temporary, slot(WindowSlots.NUMBER));
        asm.op(Op.PMULLD, weightSum, weightSum, temporary);
        for (int i = 0; i < pixels; i++) {
          asm.op(Op.PSUBD, v(i), v(i), weightSum);
        }
      }
      case UNSIGNED_REQUANTIZED, SIGNED_REQUANTIZED -> requantize();
      case MAXIMUM -> {
        // the result as it is
      }
      case MEAN -> {
        asm.broadcast(temporary, slot(WindowSlots.NUMBER));
        for (int i = 0; i < pixels; i++) {
          asm.op(Op.DIVPS, v(i), v(i), temporary);
        }
      }
    }
  }

  /** Brings sums less the zero point's share, plus a bias, to the scale of bytes. */
  private void requantize() {
    Label none = new Label();
    Vec added = weightSum;
    asm.op(Op.PBROADCASTD, temporary, slot(WindowSlots.NUMBER));
    asm.op(Op.PMULLD, temporary, weightSum, temporary);
    asm.zero(added);
    unless(TileSlots.BIAS, none);
    asm.load(added, wide(LINE, 0));
    asm.bind(none);
    asm.op(Op.PSUBD, added, added, temporary);
    asm.mov(LINE, slot(TileSlots.MULTIPLIERS));
    asm.load(weights, wide(LINE, 0));
    for (int i = 0; i < pixels; i++) {
      asm.op(Op.PADDD, v(i), v(i), added);
      asm.op(Op.CVTDQ2PS, v(i), v(i));
      asm.op(Op.MULPS, v(i), v(i), weights);
    }
    asm.broadcast(weights, slot(TileSlots.BOUNDS));
    asm.broadcast(temporary, mem(PARAMETERS, TileSlots.BOUNDS * Long.BYTES + Float.BYTES));
    asm.op(Op.PBROADCASTD, added, slot(TileSlots.ZERO_POINT));
    for (int i = 0; i < pixels; i++) {
      asm.op(Op.MAXPS, v(i), v(i), weights);
      asm.op(Op.MINPS, v(i), v(i), temporary);
      asm.op(Op.CVTPS2DQ, v(i), v(i));
      asm.op(Op.PADDD, v(i), v(i), added);
    }
  }

  private void addResidual() {
    Label none = new Label();
    unless(TileSlots.RESIDUAL, none);
    for (int i = 0; i < pixels; i++) {
      asm.op(Op.ADDPS, v(i), v(i), wide(LINE, 0));
      asm.add(LINE, CHANNELS);
    }
    asm.bind(none);
  }

  private void store() {
    asm.mov(LINE, slot(WindowSlots.Y));
    for (int i = 0; i < pixels; i++) {
      if (fold.isRequantized()) {
        asm.storeBytes(mem(LINE, OFFSET, 1, 0), v(i), Mask.K0);
        asm.add(LINE, slot(WindowSlots.Y_PIXEL));
      } else {
        asm.store(wide(LINE, 0), v(i));
        asm.add(LINE, CHANNELS);
      }
    }
  }
}
