package io.lockstep.server.api.v2;

import io.lockstep.runtime.tensor.DType;
import io.lockstep.server.serving.ServingException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The protocol's names of element types. */
final class Datatypes {

  private Datatypes() {}

  static String name(DType dtype) {
    return switch (dtype) {
      case FLOAT16 -> "FP16";
      case BFLOAT16 -> "BF16";
      case FLOAT32 -> "FP32";
      case FLOAT64 -> "FP64";
      case STRING -> "BYTES";
      case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64 -> dtype.name();
    };
  }

  /** The name in model configurations, which are Triton's. */
  static String configName(DType dtype) {
    return dtype == DType.STRING ? "TYPE_STRING" : "TYPE_" + name(dtype);
  }

  static DType of(String name, String what) {
    for (DType dtype : DType.values()) {
      if (name(dtype).equals(name)) {
        return dtype;
      }
    }
    throw ServingException.invalid(
        "%s.datatype must be one of %s but is '%s'"
            .formatted(
                what,
                Arrays.stream(DType.values())
                    .map(Datatypes::name)
                    .collect(Collectors.joining(", ")),
                name.length() > 40 ? name.substring(0, 40) + "…" : name));
  }

  /** Refuses to write an output in JSON when its elements travel in binary only. */
  static void requireJsonForm(String output, DType dtype) {
    if (!hasJsonForm(dtype)) {
      throw ServingException.invalid(
          "output '%s' is %s, which has no JSON form; ask for it with binary_data"
              .formatted(output, name(dtype)));
    }
  }

  /** Whether elements can be written in JSON; 16-bit floats travel in binary only. */
  static boolean hasJsonForm(DType dtype) {
    return dtype != DType.FLOAT16 && dtype != DType.BFLOAT16;
  }
}
