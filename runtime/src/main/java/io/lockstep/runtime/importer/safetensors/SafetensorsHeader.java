package io.lockstep.runtime.importer.safetensors;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.importer.ModelTensor;
import io.lockstep.runtime.quant.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads the header of a safetensors file: eight bytes of length, then JSON that gives type, shape
 * and range of each tensor behind it. Ranges must neither overlap nor leave gaps.
 */
final class SafetensorsHeader {

  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final String METADATA = "__metadata__";
  private static final int MAX_RANK = 4;

  private final MemorySegment file;

  SafetensorsHeader(MemorySegment file) {
    this.file = file;
  }

  private record Range(String name, long from, long to) {}

  /** All tensors, in the file's order. */
  List<ModelTensor> read() {
    if (file.byteSize() < Long.BYTES) {
      throw new InvalidModelException("the file ends within the length of its header");
    }
    long length = file.get(LENGTH, 0);
    if (length < 2 || length > JsonFile.MAX_BYTES || length > file.byteSize() - Long.BYTES) {
      throw new InvalidModelException(
          "the file's header has " + Long.toUnsignedString(length) + " bytes by its own account");
    }
    byte[] json = file.asSlice(Long.BYTES, length).toArray(ValueLayout.JAVA_BYTE);
    MemorySegment data = file.asSlice(Long.BYTES + length);
    List<ModelTensor> tensors = new ArrayList<>();
    List<Range> ranges = new ArrayList<>();
    Set<String> unsupported = new TreeSet<>();
    for (Map.Entry<String, JsonNode> entry : JsonFile.parse(json, "the header").properties()) {
      if (!entry.getKey().equals(METADATA)) {
        tensor(entry.getKey(), entry.getValue(), data, tensors, ranges, unsupported);
      }
    }
    if (!unsupported.isEmpty()) {
      throw new UnsupportedModelException(
          "the file's tensors are of types that are not supported: "
              + String.join(", ", unsupported));
    }
    refuseGaps(ranges, data.byteSize());
    return tensors;
  }

  private static void tensor(
      String name,
      JsonNode description,
      MemorySegment data,
      List<ModelTensor> tensors,
      List<Range> ranges,
      Set<String> unsupported) {
    List<Long> extents = extents(name, description.path("shape"));
    JsonNode offsets = description.path("data_offsets");
    long from = offsets.path(0).asLong(-1);
    long to = offsets.path(1).asLong(-1);
    if (offsets.size() != 2 || from < 0 || to < from || to > data.byteSize()) {
      throw new InvalidModelException("tensor '" + name + "' lies outside of the file");
    }
    ranges.add(new Range(name, from, to));
    String type = description.path("dtype").asText();
    BlockFormat format =
        switch (type) {
          case "F32" -> BlockFormat.F32;
          case "F16" -> BlockFormat.F16;
          case "BF16" -> BlockFormat.BF16;
          default -> null;
        };
    if (format == null) {
      unsupported.add(type.isEmpty() ? "none" : type);
      return;
    }
    if (to - from != bytes(name, extents, format)) {
      throw new InvalidModelException(
          "tensor '"
              + name
              + "' has "
              + (to - from)
              + " bytes, which is not what "
              + extents
              + " of "
              + format
              + " take");
    }
    tensors.add(new ModelTensor(name, format, extents, data.asSlice(from, to - from)));
  }

  private static List<Long> extents(String name, JsonNode shape) {
    if (!shape.isArray() || shape.size() > MAX_RANK) {
      throw new InvalidModelException("tensor '" + name + "' has no shape that makes sense");
    }
    List<Long> extents = new ArrayList<>();
    for (JsonNode extent : shape) {
      if (!extent.canConvertToInt() || !extent.isIntegralNumber() || extent.asInt() < 1) {
        throw new InvalidModelException("tensor '" + name + "' has an axis of extent " + extent);
      }
      extents.add(extent.asLong());
    }
    return extents;
  }

  private static long bytes(String name, List<Long> extents, BlockFormat format) {
    try {
      return format.bytes(extents.stream().reduce(1L, Math::multiplyExact));
    } catch (ArithmeticException e) {
      throw new InvalidModelException("tensor '" + name + "' is too large", e);
    }
  }

  private static void refuseGaps(List<Range> ranges, long bytes) {
    ranges.sort(Comparator.comparingLong(Range::from).thenComparingLong(Range::to));
    long end = 0;
    for (Range range : ranges) {
      if (range.from() != end) {
        throw new InvalidModelException(
            "tensor '" + range.name() + "' overlaps another one or follows a gap");
      }
      end = range.to();
    }
    if (end != bytes) {
      throw new InvalidModelException("the file goes on behind its last tensor");
    }
  }
}
