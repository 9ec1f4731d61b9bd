package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Gp.R10;
import static io.lockstep.runtime.kernel.jit.Gp.R11;
import static io.lockstep.runtime.kernel.jit.Gp.R12;
import static io.lockstep.runtime.kernel.jit.Gp.R13;
import static io.lockstep.runtime.kernel.jit.Gp.R8;
import static io.lockstep.runtime.kernel.jit.Gp.R9;
import static io.lockstep.runtime.kernel.jit.Gp.RAX;
import static io.lockstep.runtime.kernel.jit.Gp.RBX;
import static io.lockstep.runtime.kernel.jit.Gp.RCX;
import static io.lockstep.runtime.kernel.jit.Gp.RDI;
import static io.lockstep.runtime.kernel.jit.Gp.RDX;
import static io.lockstep.runtime.kernel.jit.Gp.RSI;
import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Tile.tile;

import io.lockstep.runtime.kernel.jit.Assembler.Condition;

/**
 * Writes kernels that multiply unsigned with signed bytes on AMX: up to 32 rows with panels, one
 * panel of 32 columns after the other, by four tiles of sums from two of A and two of B. Rows of A
 * are read in place in steps of 64 elements and stay in the first-level cache; sixteen lanes of a
 * packed panel are tiles of B as they lie, and pass by. The sums of a panel go to memory in the
 * first-level cache, from where a finishing kernel of {@link TileGenerator} takes them; the next
 * panel's products overlap its arithmetic.
 */
final class AmxGenerator {

  /** Rows of a tile. */
  static final int TILE_ROWS = 16;

  /** Elements of the reduction in a tile. */
  static final int TILE_DEPTH = 64;

  private static final int LINE_BYTES = 64;
  private static final int STEP_BYTES = TILE_DEPTH / Integer.BYTES * AmxSlots.SUMS_STRIDE;

  /** How far ahead weights are fetched: a page. */
  private static final int BYTES_AHEAD = 4096;

  private static final int[] OF_ROWS = {
    TileSlots.C, TileSlots.RESIDUAL, TileSlots.ROW_ZEROS, TileSlots.ROW_SUMS, TileSlots.ROW_SCALES
  };

  /** What lies as results do, and words by columns: a panel has as many bytes of each. */
  private static final int[] OF_COLUMNS = {
    TileSlots.C,
    TileSlots.RESIDUAL,
    TileSlots.BIAS,
    TileSlots.COLUMN_SUMS,
    TileSlots.COLUMN_ZEROS,
    TileSlots.COLUMN_SCALES
  };

  private static final Gp PARAMETERS = RDI;

  // These keep their values while a finishing kernel runs.
  private static final Gp PANEL_ROW = RBX;
  private static final Gp ROOM = R12;
  private static final Gp PANEL = R13;

  private static final Gp SCRATCH = RAX;
  private static final Gp COUNT = RCX;
  private static final Gp B = RSI;
  private static final Gp A = R8;
  private static final Gp OTHER_A = R9;
  private static final Gp A_STRIDE = R10;
  private static final Gp C = RDX;
  private static final Gp C_STRIDE = R11;

  private final Assembler asm = new Assembler(Isa.AVX512);
  private final Shape shape;

  /**
   * What a kernel computes.
   *
   * @param rowTiles tiles below each other, 1 or 2
   * @param columnTiles tiles beside each other in a panel: 2, or 1 for a narrow one
   * @param rowsAhead rows of the result whose lines a step makes ready for writing
   * @param fetches whether weights are fetched ahead
   */
  record Shape(int rowTiles, int columnTiles, int rowsAhead, boolean fetches) {}

  private AmxGenerator(Shape shape) {
    this.shape = shape;
  }

  static byte[] generate(Shape shape) {
    return new AmxGenerator(shape).generate();
  }

  private static Tile sums(int row, int column) {
    return tile(2 * row + column);
  }

  private static Tile a(int row) {
    return tile(4 + row);
  }

  private static Tile b(int column) {
    return tile(6 + column);
  }

  private static Mem slot(int slot) {
    return Parameters.at(PARAMETERS, slot);
  }

  private byte[] generate() {
    asm.push(PANEL_ROW);
    asm.push(ROOM);
    asm.push(PANEL);
    asm.mov(SCRATCH, slot(AmxSlots.CONFIGURATION));
    asm.loadTileConfiguration(mem(SCRATCH, 0));
    asm.mov(PANEL_ROW, AmxSlots.SUMS_STRIDE);
    asm.mov(ROOM, slot(AmxSlots.ROOM));
    asm.mov(PANEL, slot(TileSlots.B));
    Label panel = new Label();
    asm.bind(panel);
    for (int i = 0; i < OF_ROWS.length; i++) {
      copy(OF_ROWS[i], AmxSlots.SAVED + i);
    }
    products();
    storeSums();
    finish();
    nextPanel();
    asm.mov(SCRATCH, slot(AmxSlots.PANELS));
    asm.sub(SCRATCH, 1);
    asm.mov(slot(AmxSlots.PANELS), SCRATCH);
    asm.jump(Condition.NOT_ZERO, panel);
    asm.releaseTiles();
    asm.pop(PANEL);
    asm.pop(ROOM);
    asm.pop(PANEL_ROW);
    asm.ret();
    return asm.toByteArray();
  }

  /** The whole reduction. */
  private void products() {
    asm.mov(A, slot(TileSlots.A));
    asm.mov(OTHER_A, slot(AmxSlots.OTHERS));
    asm.add(OTHER_A, A);
    asm.mov(A_STRIDE, slot(TileSlots.A_STRIDE));
    asm.mov(B, PANEL);
    asm.mov(C, slot(TileSlots.C));
    asm.mov(C_STRIDE, slot(TileSlots.C_STRIDE));
    asm.mov(COUNT, slot(AmxSlots.STEPS));
    for (int row = 0; row < shape.rowTiles(); row++) {
      for (int column = 0; column < shape.columnTiles(); column++) {
        asm.zero(sums(row, column));
      }
    }
    Label step = new Label();
    asm.bind(step);
    for (int row = 0; row < shape.rowTiles(); row++) {
      asm.load(a(row), mem(row == 0 ? A : OTHER_A, A_STRIDE, 1, 0));
      for (int column = 0; column < shape.columnTiles(); column++) {
        if (row == 0) {
          asm.loadPassing(b(column), mem(B, PANEL_ROW, 1, column * LINE_BYTES));
        }
        asm.multiplyAdd(sums(row, column), a(row), b(column));
      }
    }
    prepareResults();
    for (int at = 0; shape.fetches() && at < STEP_BYTES; at += LINE_BYTES) {
      asm.prefetch(mem(B, BYTES_AHEAD + at));
    }
    asm.add(A, TILE_DEPTH);
    asm.add(OTHER_A, TILE_DEPTH);
    asm.add(B, STEP_BYTES);
    asm.sub(COUNT, 1);
    asm.jump(Condition.NOT_ZERO, step);
  }

  /**
   * Gets lines of the result while tiles are multiplied. Sums are stored behind results, and a
   * result whose line is far away would hold them up.
   */
  private void prepareResults() {
    for (int row = 0; row < shape.rowsAhead(); row++) {
      for (int column = 0; column < shape.columnTiles(); column++) {
        asm.prefetchToWrite(mem(C, column * LINE_BYTES));
      }
      asm.add(C, C_STRIDE);
    }
  }

  /** Where both rows of tiles overlap they hold the same. */
  private void storeSums() {
    asm.mov(SCRATCH, ROOM);
    for (int row = 0; row < shape.rowTiles(); row++) {
      if (row > 0) {
        asm.add(SCRATCH, slot(AmxSlots.OTHER_SUMS));
      }
      for (int column = 0; column < shape.columnTiles(); column++) {
        asm.store(mem(SCRATCH, PANEL_ROW, 1, column * LINE_BYTES), sums(row, column));
      }
    }
  }

  private void finish() {
    Label done = new Label();
    asm.mov(slot(AmxSlots.SUMS), ROOM);
    finish(AmxSlots.FINISH);
    asm.mov(SCRATCH, slot(AmxSlots.FINISH_LAST));
    asm.test(SCRATCH, SCRATCH);
    asm.jump(Condition.ZERO, done);
    finish(AmxSlots.FINISH_LAST);
    asm.bind(done);
  }

  private void finish(int how) {
    copy(how + 1, TileSlots.TILES);
    copy(how + 2, TileSlots.C_TILE);
    asm.call(slot(how));
  }

  private void copy(int from, int to) {
    asm.mov(SCRATCH, slot(from));
    asm.mov(slot(to), SCRATCH);
  }

  /** Goes back to the first row, and on to the next columns. */
  private void nextPanel() {
    asm.add(PANEL, slot(TileSlots.PANEL_STRIDE));
    for (int i = 0; i < OF_ROWS.length; i++) {
      copy(AmxSlots.SAVED + i, OF_ROWS[i]);
    }
    for (int slot : OF_COLUMNS) {
      Label none = new Label();
      asm.mov(SCRATCH, slot(slot));
      asm.test(SCRATCH, SCRATCH);
      asm.jump(Condition.ZERO, none);
      asm.add(SCRATCH, AmxSlots.SUMS_STRIDE);
      asm.mov(slot(slot), SCRATCH);
      asm.bind(none);
    }
  }
}
