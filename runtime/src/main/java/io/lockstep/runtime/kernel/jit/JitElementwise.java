package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.Elementwise;
import io.lockstep.runtime.kernel.Junction;
import io.lockstep.runtime.kernel.Relation;
import io.lockstep.runtime.kernel.UnaryFunction;
import io.lockstep.runtime.kernel.jit.Expression.Input;
import io.lockstep.runtime.kernel.jit.Expression.Parameter;
import io.lockstep.runtime.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Functions of single elements as emitted loops. */
final class JitElementwise implements Elementwise {

  private static final Expression X = new Input(0);
  private static final Expression Y = new Input(1);
  private static final Expression ALPHA = new Parameter(0);
  private static final Expression BETA = new Parameter(1);

  private final Isa isa;
  private final Functions functions;
  private final Others others;
  private final Elementwise scalar;
  private final ElementLoop affine;
  private final Map<UnaryFunction, ElementLoop> unary = new ConcurrentHashMap<>();
  private final Map<BinaryFunction, ElementLoop> binary = new ConcurrentHashMap<>();
  private final Map<BinaryFunction, ElementLoop> scalarRight = new ConcurrentHashMap<>();
  private final Map<BinaryFunction, ElementLoop> scalarLeft = new ConcurrentHashMap<>();

  /**
   * Loops for one instruction set.
   *
   * @param others takes over the functions that are not emitted
   * @param scalar converts and joins, which no other kernels do differently
   */
  JitElementwise(Isa isa, Others others, Elementwise scalar) {
    this.isa = isa;
    this.functions = new Functions(isa);
    this.others = others;
    this.scalar = scalar;
    this.affine = new ElementLoop(isa, X.fma(Y, new Input(2)), 3);
  }

  @Override
  public void unary(
      Activation function,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset,
      long count) {
    long bytes = count * Float.BYTES;
    long from = Addresses.of(x, xOffset * Float.BYTES, bytes);
    long to = Addresses.of(y, yOffset * Float.BYTES, bytes);
    if (function.function() == UnaryFunction.IDENTITY && from == to) {
      return;
    }
    loop(function).run(function.alpha(), function.beta(), count, to, from);
  }

  /** Applies a function to the first columns of rows in place, which lie a stride apart. */
  void unaryRows(
      Activation function, int rows, int columns, MemorySegment x, long xOffset, int stride) {
    long at = Addresses.ofRows(x, xOffset, rows, stride, columns, Float.BYTES);
    if (function.isNone() || rows == 0 || columns == 0) {
      return;
    }
    long strideBytes = (long) stride * Float.BYTES;
    loop(function).runRows(function.alpha(), function.beta(), rows, columns, at, strideBytes);
  }

  private ElementLoop loop(Activation function) {
    return unary.computeIfAbsent(
        function.function(), f -> new ElementLoop(isa, functions.unary(f, X, ALPHA, BETA), 1));
  }

  @Override
  public void binary(
      BinaryFunction function,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset,
      MemorySegment z,
      long zOffset,
      long count) {
    if (!Functions.has(function)) {
      others.kernels().elementwise().binary(function, x, xOffset, y, yOffset, z, zOffset, count);
      return;
    }
    long bytes = count * Float.BYTES;
    binary
        .computeIfAbsent(function, f -> new ElementLoop(isa, Functions.binary(f, X, Y), 2))
        .run(
            0,
            0,
            count,
            Addresses.of(z, zOffset * Float.BYTES, bytes),
            Addresses.of(x, xOffset * Float.BYTES, bytes),
            Addresses.of(y, yOffset * Float.BYTES, bytes));
  }

  @Override
  public void binaryScalarRight(
      BinaryFunction function,
      MemorySegment x,
      long xOffset,
      float y,
      MemorySegment z,
      long zOffset,
      long count) {
    if (!Functions.has(function)) {
      others.kernels().elementwise().binaryScalarRight(function, x, xOffset, y, z, zOffset, count);
      return;
    }
    long bytes = count * Float.BYTES;
    scalarRight
        .computeIfAbsent(function, f -> new ElementLoop(isa, Functions.binary(f, X, ALPHA), 1))
        .run(
            y,
            0,
            count,
            Addresses.of(z, zOffset * Float.BYTES, bytes),
            Addresses.of(x, xOffset * Float.BYTES, bytes));
  }

  @Override
  public void binaryScalarLeft(
      BinaryFunction function,
      float x,
      MemorySegment y,
      long yOffset,
      MemorySegment z,
      long zOffset,
      long count) {
    if (!Functions.has(function)) {
      others.kernels().elementwise().binaryScalarLeft(function, x, y, yOffset, z, zOffset, count);
      return;
    }
    long bytes = count * Float.BYTES;
    scalarLeft
        .computeIfAbsent(function, f -> new ElementLoop(isa, Functions.binary(f, ALPHA, X), 1))
        .run(
            x,
            0,
            count,
            Addresses.of(z, zOffset * Float.BYTES, bytes),
            Addresses.of(y, yOffset * Float.BYTES, bytes));
  }

  @Override
  public void affine(
      int rows,
      int columns,
      MemorySegment x,
      long xOffset,
      MemorySegment factors,
      MemorySegment offsets,
      MemorySegment y,
      long yOffset) {
    long count = (long) rows * columns;
    long from = Addresses.of(x, xOffset * Float.BYTES, count * Float.BYTES);
    long to = Addresses.of(y, yOffset * Float.BYTES, count * Float.BYTES);
    int rowsOfCall = ColumnValues.rowsOfCall(rows, columns);
    long factor = ColumnValues.repeated(factors, columns, rowsOfCall, 0);
    long offset = ColumnValues.repeated(offsets, columns, rowsOfCall, 1);
    long period = (long) rowsOfCall * columns;
    for (long done = 0; done < count; done += period) {
      long at = done * Float.BYTES;
      affine.run(0, 0, Math.min(period, count - done), to + at, from + at, factor, offset);
    }
  }

  @Override
  public void compare(
      Relation relation,
      DType type,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset,
      MemorySegment z,
      long zOffset,
      long count) {
    others
        .kernels()
        .elementwise()
        .compare(relation, type, x, xOffset, y, yOffset, z, zOffset, count);
  }

  @Override
  public void join(
      Junction function,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset,
      MemorySegment z,
      long zOffset,
      long count) {
    scalar.join(function, x, xOffset, y, yOffset, z, zOffset, count);
  }

  @Override
  public void select(
      DType type,
      MemorySegment condition,
      long conditionOffset,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset,
      MemorySegment z,
      long zOffset,
      long count) {
    others
        .kernels()
        .elementwise()
        .select(type, condition, conditionOffset, x, xOffset, y, yOffset, z, zOffset, count);
  }

  @Override
  public void convert(
      DType from,
      MemorySegment x,
      long xOffset,
      DType to,
      MemorySegment y,
      long yOffset,
      long count) {
    scalar.convert(from, x, xOffset, to, y, yOffset, count);
  }
}
