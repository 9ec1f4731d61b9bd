package io.lockstep.runtime.golden;

import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Reads the arrays of an {@code .npz} file, in C order and little-endian. */
final class Npz {

  private static final Pattern HEADER =
      Pattern.compile("'descr': '([^']+)'.*'fortran_order': False.*'shape': \\(([^)]*)\\)");

  private Npz() {}

  static Map<String, Tensor> read(Path file) throws IOException {
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        arrays.put(entry.getName().replace(".npy", ""), array(zip.readAllBytes()));
      }
    }
    return arrays;
  }

  private static Tensor array(byte[] npy) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(npy).order(ByteOrder.LITTLE_ENDIAN);
    boolean isLong = npy[6] > 1;
    int length = isLong ? buffer.getInt(8) : buffer.getShort(8);
    int start = (isLong ? 12 : 10) + length;
    String header = new String(npy, start - length, length, StandardCharsets.ISO_8859_1);
    Matcher matcher = HEADER.matcher(header);
    if (!matcher.find()) {
      throw new IOException("unexpected header " + header);
    }
    DType dtype =
        switch (matcher.group(1).substring(1)) {
          case "f4" -> DType.FLOAT32;
          case "u1" -> DType.UINT8;
          case "i8" -> DType.INT64;
          default -> throw new IOException("unexpected type " + matcher.group(1));
        };
    int[] extents =
        Arrays.stream(matcher.group(2).replace(" ", "").split(",", -1))
            .filter(extent -> !extent.isEmpty())
            .mapToInt(Integer::parseInt)
            .toArray();
    Tensor tensor = Tensors.zeros(new TensorType(dtype, Shape.of(extents)));
    tensor.segment().copyFrom(MemorySegment.ofArray(npy).asSlice(start, tensor.type().bytes()));
    return tensor;
  }
}
