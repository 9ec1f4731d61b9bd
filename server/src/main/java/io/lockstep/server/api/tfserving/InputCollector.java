package io.lockstep.server.api.tfserving;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lockstep.runtime.TensorSpec;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.server.api.ApiLimits;
import io.lockstep.server.api.ElementReader;
import io.lockstep.server.api.JsonInput;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.NamedTensor;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Collects the elements of one input from nested JSON arrays, whose shape shows only while they are
 * read: the first array of each depth says how long all of that depth must be.
 */
final class InputCollector {

  private static final int UNKNOWN = -1;

  /** Elements that the memory starts with; it doubles when full, up to the limit. */
  private static final int FIRST_ELEMENTS = 256;

  /** What a reference to a text takes on the heap. */
  private static final int TEXT_REFERENCE_BYTES = 8;

  private final String name;
  private final DType dtype;
  private final long maxElements;
  private final long maxTensorBytes;
  private final int[] extents; // by depth, UNKNOWN until the first array of the depth has ended
  private int rank = UNKNOWN;
  private int deepest;
  private int rows;
  private int count;
  private Tensor elements;

  InputCollector(TensorSpec spec, ApiLimits limits) {
    this.name = spec.name();
    this.dtype = spec.dtype();
    int bytes = dtype == DType.STRING ? TEXT_REFERENCE_BYTES : dtype.bytes();
    this.maxTensorBytes = limits.maxTensorBytes();
    this.maxElements = Math.min(Integer.MAX_VALUE - 8L, maxTensorBytes / bytes);
    this.extents = new int[limits.maxJsonDepth() + 1];
    Arrays.fill(extents, UNKNOWN);
    this.elements = allocate((int) Math.min(FIRST_ELEMENTS, maxElements));
  }

  /** Reads the whole input from the value that {@code json} has come to. */
  void readColumn(JsonInput json) throws IOException {
    read(json, 0);
  }

  /** Reads one row of the input from the value that {@code json} has come to. */
  void readRow(JsonInput json) throws IOException {
    read(json, 1);
    rows++;
    deepest = Math.max(deepest, 1);
  }

  /** Takes one row that is a text in base64. */
  void readTextRow(String base64) {
    if (dtype != DType.STRING) {
      throw ServingException.invalid("input '%s' must hold numbers, not b64".formatted(name));
    }
    place(1);
    elements.strings()[count++] = Base64Text.decode(base64, name);
    rows++;
  }

  /** Rows read so far. */
  int rows() {
    return rows;
  }

  /** The input after its last row. */
  NamedTensor ofRows() {
    extents[0] = rows;
    return result();
  }

  /** The input. */
  NamedTensor result() {
    int[] shape = Arrays.copyOf(extents, rank == UNKNOWN ? deepest : rank);
    Tensor all =
        dtype == DType.STRING
            ? Tensor.ofStrings(Shape.of(shape), Arrays.copyOf(elements.strings(), count))
            : Tensor.of(new TensorType(dtype, Shape.of(shape)), elements.segment());
    return new NamedTensor(name, all);
  }

  private void read(JsonInput json, int depth) throws IOException {
    if (!json.isArray()) {
      scalar(json, depth);
      return;
    }
    if (rank != UNKNOWN && depth >= rank) {
      throw uneven();
    }
    deepest = Math.max(deepest, depth + 1);
    int length = 0;
    while (json.nextElement()) {
      read(json, depth + 1);
      length++;
    }
    if (extents[depth] == UNKNOWN) {
      extents[depth] = length;
    } else if (extents[depth] != length) {
      throw uneven();
    }
  }

  private void scalar(JsonInput json, int depth) throws IOException {
    place(depth);
    if (json.isObject() && dtype == DType.STRING) {
      elements.strings()[count] = base64(json);
    } else {
      new ElementReader(json.parser(), "input '" + name + "'").read(elements, count);
    }
    count++;
  }

  /** Makes room for one element at this depth. */
  private void place(int depth) {
    if (rank == UNKNOWN && depth >= deepest) {
      rank = depth;
    }
    if (depth != rank) {
      throw uneven();
    }
    if (count == elements.size()) {
      grow();
    }
  }

  /** Reads {@code {"b64": "..."}}. */
  private byte[] base64(JsonInput json) throws IOException {
    JsonParser parser = json.parser();
    String key = json.nextKey();
    if (!Base64Text.KEY.equals(key)) {
      throw ServingException.invalid(
          "input '%s' must hold texts or {\"b64\": text} but holds another object".formatted(name));
    }
    byte[] bytes = Base64Text.decode(json.string("b64 of input '" + name + "'"), name);
    if (parser.nextToken() != JsonToken.END_OBJECT) {
      throw ServingException.invalid(
          "input '%s' holds an object with keys beside b64".formatted(name));
    }
    return bytes;
  }

  private void grow() {
    if (count >= maxElements) {
      throw new ServingException(
          ErrorCode.PAYLOAD_TOO_LARGE,
          "input '%s' takes more than %d bytes, which is max_tensor"
              .formatted(name, maxTensorBytes));
    }
    Tensor larger = allocate((int) Math.min(maxElements, 2L * count));
    if (dtype == DType.STRING) {
      System.arraycopy(elements.strings(), 0, larger.strings(), 0, count);
    } else {
      larger.segment().asSlice(0, elements.segment().byteSize()).copyFrom(elements.segment());
    }
    elements = larger;
  }

  private Tensor allocate(int capacity) {
    TensorType type = TensorType.of(dtype, capacity);
    return dtype == DType.STRING
        ? Tensor.ofStrings(type.shape(), new byte[capacity][])
        : Tensor.of(type, MemorySegment.ofArray(new byte[Math.toIntExact(type.bytes())]));
  }

  private ServingException uneven() {
    return ServingException.invalid(
        "input '%s' must be nested evenly: every array of a depth has the same length"
            .formatted(name));
  }
}
