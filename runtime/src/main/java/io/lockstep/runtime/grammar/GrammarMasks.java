package io.lockstep.runtime.grammar;

import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What all texts of a grammar over a vocabulary have found out together; for any threads. */
final class GrammarMasks {

  /** Positions remembered before they are forgotten; nesting makes new ones without end. */
  private static final int MAX_KNOWN = 8192;

  /** Masks that are kept; each takes a bit for every token. */
  private static final int MAX_MASKS = 128;

  private final Network network;
  private final GrammarVocabulary vocabulary;
  private final Map<Position, BitSet> masks =
      new LinkedHashMap<>(MAX_MASKS, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Position, BitSet> eldest) {
          return size() > MAX_MASKS;
        }
      };
  private Position first;

  GrammarMasks(Network network, GrammarVocabulary vocabulary) {
    this.network = network;
    this.vocabulary = vocabulary;
    first = Position.first(network);
  }

  boolean isFor(GrammarVocabulary other) {
    return vocabulary == other;
  }

  /** Where texts begin. */
  synchronized Position first() {
    if (first.known() > MAX_KNOWN) {
      first = Position.first(network);
    }
    return first;
  }

  /** The ids that may follow a position; not to be changed. */
  synchronized BitSet mask(Position position) {
    return masks.computeIfAbsent(position, vocabulary::allowed);
  }

  /** Where a token leads; null when it may not follow. */
  synchronized @Nullable Position after(Position position, int id) {
    byte[] bytes = id < 0 || id >= vocabulary.size() ? new byte[0] : vocabulary.bytes(id);
    @Nullable Position at = bytes.length == 0 ? null : position;
    for (int i = 0; i < bytes.length && at != null; i++) {
      at = at.after(bytes[i] & 0xFF);
    }
    return at == null || at.known() <= MAX_KNOWN ? at : at.forgetting(network);
  }
}
