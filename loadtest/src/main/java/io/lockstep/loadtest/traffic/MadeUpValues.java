package io.lockstep.loadtest.traffic;

import java.util.Locale;
import java.util.Random;

/** Elements that most models accept. */
final class MadeUpValues {

  private static final int IDS = 100; // token ids that every vocabulary has

  private MadeUpValues() {}

  /** One element of an input, as JSON. */
  static String next(InputSignature input, Random random) {
    return switch (input.datatype()) {
      case "BOOL" -> Boolean.toString(random.nextBoolean());
      case "BYTES" -> "\"text " + random.nextInt(IDS) + '"';
      case "FP16", "BF16", "FP32", "FP64" -> String.format(Locale.ROOT, "%.4f", random.nextFloat());
      default -> Integer.toString(integer(input.name(), random));
    };
  }

  /** Masks are all ones and token types all zeros, as language models want them. */
  private static int integer(String name, Random random) {
    if (name.contains("mask")) {
      return 1;
    }
    return name.contains("type") ? 0 : 1 + random.nextInt(IDS);
  }
}
