package io.lockstep.runtime.tokenizer;

import io.lockstep.runtime.error.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;

/** What a tokenizer.json needs and we lack, gathered to be told in one message. */
final class UnsupportedParts {

  private final List<String> parts = new ArrayList<>();

  void add(JsonField at, String what) {
    parts.add(at.path() + " " + what);
  }

  /** Refuses the file if there is anything. */
  void refuse() {
    if (!parts.isEmpty()) {
      throw new UnsupportedModelException(
          "tokenizer.json: not supported: " + String.join("; ", parts));
    }
  }
}
