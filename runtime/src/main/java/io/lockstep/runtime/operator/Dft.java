package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX DFT 17-20: the discrete Fourier transform along an axis.
 *
 * <p>Inputs: x [..., 1] real or [..., 2] complex; optional length, to which x is cut or padded with
 * zeros; since version 20 optional axis. y [..., 2]: all results, or without the mirrored half. The
 * inverse of a spectrum without its mirrored half is real, [..., 1].
 *
 * @param axis where the axis is an attribute, before version 20
 */
record Dft(long axis, boolean inverse, boolean oneSided) implements Operator {

  private static final int LENGTH = 1;
  private static final int AXIS = 2;

  static Operator of(NodeAttributes attributes) {
    long axis = attributes.opset() < 20 ? attributes.intOr("axis", 1) : -2;
    return new Dft(axis, attributes.intOr("inverse", 0) != 0, attributes.intOr("onesided", 0) != 0);
  }

  @Override
  public String name() {
    return "DFT";
  }

  @Override
  public boolean needsValue(int input) {
    return input == LENGTH || input == AXIS;
  }

  private int axis(OperatorInputs inputs) {
    long named = inputs.has(AXIS) ? inputs.value(AXIS).asLong(0) : axis;
    Shape x = inputs.shape(0);
    int along = Axes.resolve(inputs, named, x.rank());
    if (along == x.rank() - 1 || x.extent(-1) < 1 || x.extent(-1) > 2) {
      throw inputs.invalid("axis %d of x %s, whose last axis is 1 or 2".formatted(along, x));
    }
    return along;
  }

  private boolean unfolds() {
    return inverse && oneSided;
  }

  private int length(OperatorInputs inputs, int along) {
    int extent = inputs.shape(0).extent(along);
    int whole = unfolds() ? 2 * (extent - 1) : extent;
    int length = inputs.has(LENGTH) ? Math.toIntExact(inputs.value(LENGTH).asLong(0)) : whole;
    if (length < 1) {
      throw inputs.invalid("a transform of length " + length);
    }
    return length;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    int along = axis(inputs);
    int length = length(inputs, along);
    int bins = oneSided && !inverse ? length / 2 + 1 : length;
    Shape x = inputs.shape(0);
    return List.of(
        inputs.type(0).withShape(x.with(along, bins).with(x.rank() - 1, unfolds() ? 1 : 2)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    int along = axis(inputs);
    FourierSum sum = new FourierSum(length(inputs, along), inverse);
    Lanes lanes =
        new Lanes(x.product(0, along), x.extent(along), x.product(along + 1, x.rank() - 1));
    int bins = outputTypes(inputs).getFirst().shape().extent(along);
    int parts = x.extent(-1);
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                lanes.outer() * lanes.inner(),
                1,
                (from, to) -> {
                  for (int lane = from; lane < to; lane++) {
                    lane(in[0], parts, lanes, lane, sum, bins, out[0]);
                  }
                });
  }

  private void lane(
      Tensor x, int parts, Lanes lanes, int lane, FourierSum sum, int bins, Tensor y) {
    int outer = lane / lanes.inner();
    int inner = lane % lanes.inner();
    long first = (long) outer * lanes.length() * lanes.inner() + inner;
    long target = (long) outer * bins * lanes.inner() + inner;
    sum.run(
        i -> part(x, parts, lanes, first, i, 0, sum.length()),
        i -> parts == 1 ? 0 : part(x, parts, lanes, first, i, 1, sum.length()),
        bins,
        (bin, real, imaginary) -> {
          long at = target + (long) bin * lanes.inner();
          if (unfolds()) {
            y.setFromDouble(at, real);
          } else {
            FourierSum.store(y, 2 * at, real, imaginary);
          }
        });
  }

  /** One part of element i; behind the last one zeros, or the conjugates of a folded spectrum. */
  private double part(Tensor x, int parts, Lanes lanes, long first, long i, int part, int length) {
    boolean mirrored = unfolds() && i > length / 2;
    long source = mirrored ? length - i : i;
    if (source >= lanes.length()) {
      return 0;
    }
    double value = x.asDouble((first + source * lanes.inner()) * parts + part);
    return mirrored && part == 1 ? -value : value;
  }
}
