package io.lockstep.runtime.kernel;

import io.lockstep.runtime.kernel.ElementChain.Node;
import io.lockstep.runtime.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/**
 * Elements of chains one at a time: a float as its bits, an integer as itself, a truth value as 0
 * or 1.
 */
final class TypedElements {

  private static final float[] FLOATS = {
    0f,
    -0f,
    0.5f,
    -0.99f,
    1f,
    255.7f,
    -129f,
    0x1p24f,
    0x1.fffffep30f,
    0x1p31f,
    -0x1p31f,
    0x1.8p31f,
    -0x1.8p31f,
    0x1.000002p31f,
    0x1p32f,
    0x1.4p33f,
    -0x1.cp32f,
    0x1.fffffep62f,
    -0x1.fffffep62f,
    0x1p63f,
    -0x1p63f,
    -0x1.000002p63f,
    1e20f,
    -1e20f,
    Float.MIN_VALUE,
    Float.MAX_VALUE,
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY
  };

  private static final long[] WHOLES = {
    0,
    1,
    -1,
    127,
    -128,
    255,
    256,
    (1L << 24) + 1,
    (1L << 25) + 3,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 31,
    1L << 32,
    (1L << 32) - 1,
    (1L << 47) - 1,
    -(1L << 47),
    1L << 47,
    0x0080_0000_8000_0000L,
    0x0080_0000_8000_0001L,
    0x0080_0000_7fff_ffffL,
    0x7fff_ffbf_ffff_ffffL,
    0x7fff_ffc0_0000_0000L,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private TypedElements() {}

  /** Elements of a type, extreme ones among them. */
  static long[] random(Random random, DType type, int count) {
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      boolean isExtreme = random.nextInt(3) == 0;
      if (type == DType.FLOAT32) {
        float value =
            isExtreme
                ? FLOATS[random.nextInt(FLOATS.length)]
                : (float) (random.nextGaussian() * Math.pow(2, random.nextInt(-2, 66)));
        values[i] = Float.floatToRawIntBits(value);
      } else {
        long value =
            isExtreme
                ? WHOLES[random.nextInt(WHOLES.length)]
                : random.nextLong() >> random.nextInt(64);
        values[i] = converted(DType.INT64, value, type);
      }
    }
    return values;
  }

  /** Exactly these elements; what is true is any byte but 0. */
  static MemorySegment memory(Random random, DType type, long[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * type.bytes());
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      switch (type.bytes()) {
        case 1 -> {
          boolean isTrue = type == DType.BOOL && value != 0;
          bytes.put((byte) (isTrue && random.nextInt(4) == 0 ? 0x80 : value));
        }
        case Integer.BYTES -> bytes.putInt((int) value);
        default -> bytes.putLong(value);
      }
    }
    return Input.bare(bytes.array());
  }

  /** An element of an output of bytes. */
  static long get(DType type, Output y, int index) {
    long value = 0;
    for (int i = type.bytes() - 1; i >= 0; i--) {
      value = value << 8 | (y.getByte(index * type.bytes() + i) & 0xff);
    }
    return switch (type) {
      case INT8 -> (byte) value;
      case INT32, FLOAT32 -> (int) value;
      default -> value;
    };
  }

  /** What a node makes of the inputs' elements. */
  static long apply(Node node, long[] inputs) {
    return switch (node) {
      case ElementChain.Input(int index, _) -> inputs[index];
      case ElementChain.Literal(float value) -> Float.floatToRawIntBits(value);
      case ElementChain.Whole(_, long value) -> value;
      case ElementChain.Binary(BinaryFunction function, Node x, Node y) -> {
        float left = Float.intBitsToFloat((int) apply(x, inputs));
        float right = Float.intBitsToFloat((int) apply(y, inputs));
        float value = function == BinaryFunction.ADD ? left + right : left * right;
        yield Float.floatToRawIntBits(value);
      }
      case ElementChain.Compare(Relation relation, Node x, Node y) -> {
        long left = apply(x, inputs);
        long right = apply(y, inputs);
        boolean holds =
            ElementChain.type(x) == DType.FLOAT32
                ? relation.holds(
                    Float.intBitsToFloat((int) left), Float.intBitsToFloat((int) right))
                : relation.holds(Long.compare(left, right));
        yield holds ? 1 : 0;
      }
      case ElementChain.Join(Junction function, Node x, Node y) ->
          function.apply(apply(x, inputs), apply(y, inputs));
      case ElementChain.Select(Node condition, Node x, Node y) ->
          apply(condition, inputs) != 0 ? apply(x, inputs) : apply(y, inputs);
      case ElementChain.Convert(DType to, Node x) ->
          converted(ElementChain.type(x), apply(x, inputs), to);
      case ElementChain.ByteInput _, ElementChain.Unary _, ElementChain.MultiplyAdd _ ->
          throw new IllegalArgumentException("no step of this test: " + node);
    };
  }

  private static long converted(DType from, long value, DType to) {
    if (from == to) {
      return value;
    }
    if (from == DType.FLOAT32) {
      float number = Float.intBitsToFloat((int) value);
      return to == DType.BOOL ? (number != 0 ? 1 : 0) : converted(DType.INT64, (long) number, to);
    }
    return switch (to) {
      case FLOAT32 -> Float.floatToRawIntBits((float) value);
      case BOOL -> value != 0 ? 1 : 0;
      case INT8 -> (byte) value;
      case UINT8 -> value & 255;
      case INT32 -> (int) value;
      default -> value;
    };
  }

  /** The same for all NaNs, as arithmetic does not say which one it gives. */
  static long comparable(DType type, long value) {
    return type == DType.FLOAT32 ? Float.floatToIntBits(Float.intBitsToFloat((int) value)) : value;
  }
}
