package io.lockstep.runtime.importer.gguf;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.importer.ModelTensor;
import io.lockstep.runtime.quant.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Parses what precedes the weights: magic, version, metadata and tensor descriptions, as the GGUF
 * specification lays them out for versions 2 and 3.
 */
final class GgufHeader {

  /** The letters GGUF. */
  static final int MAGIC = 0x46554747;

  private static final int DEFAULT_ALIGNMENT = 32;
  private static final int MAX_RANK = 4;

  private final MemorySegment file;
  private final GgufCursor cursor;

  GgufHeader(MemorySegment file) {
    this.file = file;
    this.cursor = new GgufCursor(file);
  }

  /** What a header says. */
  record Content(GgufMetadata metadata, Map<String, ModelTensor> tensors) {}

  private record Description(String name, List<Long> extents, int code, long offset) {}

  Content read() {
    if (cursor.nextInt() != MAGIC) {
      throw new InvalidModelException("the file does not begin with the letters GGUF");
    }
    int version = cursor.nextInt();
    if (version != 2 && version != 3) {
      throw new UnsupportedModelException(
          "GGUF version " + version + " is not supported; versions 2 and 3 are");
    }
    int tensorCount = cursor.nextCount(24, "the list of tensors");
    int entryCount = cursor.nextCount(13, "the metadata");
    GgufMetadata metadata = metadata(entryCount);
    List<Description> descriptions = new ArrayList<>();
    for (int i = 0; i < tensorCount; i++) {
      descriptions.add(description());
    }
    return new Content(metadata, tensors(descriptions, dataStart(metadata)));
  }

  private GgufMetadata metadata(int count) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      String key = cursor.nextString();
      Object value = GgufValues.next(cursor, cursor.nextInt());
      if (values.put(key, value) != null) {
        throw new InvalidModelException("the metadata '" + key + "' is there twice");
      }
    }
    return new GgufMetadata(values);
  }

  private Description description() {
    String name = cursor.nextString();
    int rank = cursor.nextInt();
    if (rank < 1 || rank > MAX_RANK) {
      throw new InvalidModelException("tensor '" + name + "' has " + rank + " axes");
    }
    List<Long> extents = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      long extent = cursor.nextLong();
      if (extent < 1 || extent > Integer.MAX_VALUE) {
        throw new InvalidModelException(
            "tensor '" + name + "' has an axis of extent " + Long.toUnsignedString(extent));
      }
      extents.add(extent);
    }
    Collections.reverse(extents);
    return new Description(name, List.copyOf(extents), cursor.nextInt(), cursor.nextLong());
  }

  private long dataStart(GgufMetadata metadata) {
    long alignment = metadata.integer("general.alignment").orElse((long) DEFAULT_ALIGNMENT);
    if (alignment < 1 || alignment > 1 << 20 || Long.bitCount(alignment) != 1) {
      throw new InvalidModelException("the alignment " + alignment + " is no power of two");
    }
    return (cursor.position() + alignment - 1) / alignment * alignment;
  }

  private Map<String, ModelTensor> tensors(List<Description> descriptions, long start) {
    Set<String> unsupported = new TreeSet<>();
    Map<String, ModelTensor> tensors = new LinkedHashMap<>();
    for (Description description : descriptions) {
      BlockFormat format = BlockFormat.ofGguf(description.code()).orElse(null);
      if (format == null) {
        unsupported.add("type " + description.code());
      } else if (tensors.put(description.name(), tensor(description, format, start)) != null) {
        throw new InvalidModelException("tensor '" + description.name() + "' is there twice");
      }
    }
    if (!unsupported.isEmpty()) {
      throw new UnsupportedModelException(
          "the file's tensors are of formats that are not supported: "
              + String.join(", ", unsupported));
    }
    return tensors;
  }

  private ModelTensor tensor(Description description, BlockFormat format, long start) {
    String name = description.name();
    long rowElements = description.extents().getLast();
    if (rowElements % format.blockElements() != 0) {
      throw new InvalidModelException(
          "tensor '"
              + name
              + "' has rows of "
              + rowElements
              + " elements, no multiple of the "
              + format.blockElements()
              + " in a block of "
              + format);
    }
    long bytes;
    try {
      long count = description.extents().stream().reduce(1L, Math::multiplyExact);
      bytes = format.bytes(count);
    } catch (ArithmeticException e) {
      throw new InvalidModelException("tensor '" + name + "' is too large", e);
    }
    long available = file.byteSize() - start;
    long offset = description.offset();
    if (offset < 0 || available < 0 || offset > available || bytes > available - offset) {
      throw new InvalidModelException(
          "the file ends before the " + bytes + " bytes of tensor '" + name + "'");
    }
    return new ModelTensor(
        name, format, description.extents(), file.asSlice(start + offset, bytes));
  }
}
