package io.lockstep.runtime.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Readers of one kind of part of a tokenizer.json, by what its {@code type} says.
 *
 * @param none stands for a part that is absent, or not supported
 */
record PartTable<T>(Map<String, Reader<T>> readers, T none) {

  /** Reads a part; notes what of it is not supported. */
  interface Reader<T> {

    T read(JsonField part, UnsupportedParts unsupported);
  }

  T read(JsonField part, UnsupportedParts unsupported) {
    if (part.isAbsent()) {
      return none;
    }
    String type = part.get("type").text();
    Reader<T> reader = readers.get(type);
    if (reader == null) {
      unsupported.add(part, type);
      return none;
    }
    return reader.read(part, unsupported);
  }

  /** All elements of an array of parts. */
  List<T> readAll(JsonField parts, UnsupportedParts unsupported) {
    List<T> all = new ArrayList<>();
    parts.elements().forEach(part -> all.add(read(part, unsupported)));
    return all;
  }
}
