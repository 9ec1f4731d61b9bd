package io.lockstep.runtime.importer.gguf;

import io.lockstep.runtime.error.InvalidModelException;

/** The value types of GGUF metadata: numbers 0 to 12 of the specification. */
final class GgufValues {

  private static final int ARRAY = 9;

  private GgufValues() {}

  /** The next value, as {@link GgufMetadata} keeps it. */
  static Object next(GgufCursor cursor, int type) {
    return switch (type) {
      case 0, 1, 2, 3, 4, 5, 10, 11 -> nextInteger(cursor, type);
      case 6, 12 -> nextNumber(cursor, type);
      case 7 -> cursor.nextByte() != 0;
      case 8 -> cursor.nextString();
      case ARRAY -> nextArray(cursor);
      default -> throw unknown(type);
    };
  }

  private static long nextInteger(GgufCursor cursor, int type) {
    return switch (type) {
      case 0 -> Byte.toUnsignedLong(cursor.nextByte());
      case 1 -> cursor.nextByte();
      case 2 -> Short.toUnsignedLong(cursor.nextShort());
      case 3 -> cursor.nextShort();
      case 4 -> Integer.toUnsignedLong(cursor.nextInt());
      case 5 -> cursor.nextInt();
      case 10, 11 -> cursor.nextLong();
      default -> throw unknown(type);
    };
  }

  private static double nextNumber(GgufCursor cursor, int type) {
    return type == 6
        ? Float.intBitsToFloat(cursor.nextInt())
        : Double.longBitsToDouble(cursor.nextLong());
  }

  private static Object nextArray(GgufCursor cursor) {
    int type = cursor.nextInt();
    int count = cursor.nextCount(bytes(type), "a list in the metadata");
    return switch (type) {
      case 6, 12 -> nextNumbers(cursor, type, count);
      case 7 -> nextFlags(cursor, count);
      case 8 -> nextStrings(cursor, count);
      default -> nextIntegers(cursor, type, count);
    };
  }

  private static double[] nextNumbers(GgufCursor cursor, int type, int count) {
    double[] numbers = new double[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = nextNumber(cursor, type);
    }
    return numbers;
  }

  private static boolean[] nextFlags(GgufCursor cursor, int count) {
    boolean[] flags = new boolean[count];
    for (int i = 0; i < count; i++) {
      flags[i] = cursor.nextByte() != 0;
    }
    return flags;
  }

  private static String[] nextStrings(GgufCursor cursor, int count) {
    String[] strings = new String[count];
    for (int i = 0; i < count; i++) {
      strings[i] = cursor.nextString();
    }
    return strings;
  }

  private static long[] nextIntegers(GgufCursor cursor, int type, int count) {
    long[] integers = new long[count];
    for (int i = 0; i < count; i++) {
      integers[i] = nextInteger(cursor, type);
    }
    return integers;
  }

  /** Bytes that a value in a list takes at least; lists of lists are refused, as nobody has any. */
  private static int bytes(int type) {
    return switch (type) {
      case 0, 1, 7 -> 1;
      case 2, 3 -> 2;
      case 4, 5, 6 -> 4;
      case 8, 10, 11, 12 -> 8;
      default -> throw unknown(type);
    };
  }

  private static InvalidModelException unknown(int type) {
    return new InvalidModelException(
        "the metadata has a value or a list of type " + type + ", which is not known");
  }
}
