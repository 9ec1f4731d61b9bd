package io.lockstep.runtime.grammar;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.grammar.Network.Edge;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All the places of a grammar at which a text may be, and what follows from them; immutable. */
final class Position {

  /** A state and the states to return to, innermost first; hashed once. */
  static final class Frame {
    final int state;
    final @Nullable Frame parent;
    private final int hash;

    Frame(int state, @Nullable Frame parent) {
      this.state = state;
      this.parent = parent;
      hash = 31 * (parent == null ? 7 : parent.hash) + state;
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      @Nullable Frame mine = this;
      @Nullable Frame theirs = other instanceof Frame frame ? frame : null;
      while (mine != theirs) {
        if (mine == null
            || theirs == null
            || mine.hash != theirs.hash
            || mine.state != theirs.state) {
          return false;
        }
        mine = mine.parent;
        theirs = theirs.parent;
      }
      return true;
    }
  }

  /** The answer of {@link #plainRun} when characters lead to different places. */
  static final int MIXED = -1;

  private static final int BYTES = 256;

  /** Places of a position, with those that free steps lead to. */
  private static final int MAX_FRAMES = 20_000;

  private final Network network;
  private final Map<Set<Frame>, Position> known;
  private final Set<Frame> frames; // at states that an edge over a byte leaves
  private final boolean complete;
  private byte @Nullable [] classes; // [256], of bytes that lead to the same place, once asked for
  private @Nullable Position[] targets = new Position[0]; // by class; null where nothing follows
  private boolean uniformKnown;
  private boolean uniform;

  private Position(
      Network network, Map<Set<Frame>, Position> known, Set<Frame> frames, boolean complete) {
    this.network = network;
    this.known = known;
    this.frames = frames;
    this.complete = complete;
  }

  /** Before the first byte. */
  static Position first(Network network) {
    return closure(network, new HashMap<>(), List.of(new Frame(network.start(), null)));
  }

  /** The same position, remembering no other. */
  Position forgetting(Network of) {
    return new Position(of, new HashMap<>(), frames, complete);
  }

  /** Whether the text may end here. */
  boolean isComplete() {
    return complete;
  }

  /** Whether no byte may follow. */
  boolean isOver() {
    return frames.isEmpty();
  }

  /** Number of positions that are remembered together with this one. */
  int known() {
    return known.size();
  }

  /** Where a byte, 0 to 255, leads; null when it may not follow. */
  @Nullable Position after(int value) {
    byte[] found = classes;
    if (found == null) {
      found = expand();
    }
    return targets[found[value] & 0xFF];
  }

  /** Finds what follows, once for all bytes between the borders of edges. */
  private byte[] expand() {
    boolean[] borders = new boolean[BYTES + 1];
    borders[0] = true;
    for (Frame frame : frames) {
      for (Edge edge : network.edges(frame.state)) {
        if (edge.low() != Network.NO_BYTE) {
          borders[edge.low()] = true;
          borders[edge.high() + 1] = true;
        }
      }
    }
    byte[] found = new byte[BYTES];
    List<@Nullable Position> places = new ArrayList<>();
    for (int value = 0; value < BYTES; value++) {
      if (borders[value]) {
        places.add(step(value));
      }
      found[value] = (byte) (places.size() - 1);
    }
    targets = places.toArray(new Position[0]);
    classes = found;
    return found;
  }

  private @Nullable Position step(int value) {
    List<Frame> reached = new ArrayList<>();
    for (Frame frame : frames) {
      for (Edge edge : network.edges(frame.state)) {
        if (edge.low() <= value && value <= edge.high()) {
          reached.add(new Frame(edge.target(), frame.parent));
        }
      }
    }
    return reached.isEmpty() ? null : closure(network, known, reached);
  }

  /**
   * How many characters of a JSON string that are written as themselves may follow, whichever they
   * are: at most {@code limit}, and {@link #MIXED} if somewhere before that it matters which.
   */
  int plainRun(int limit) {
    Position at = this;
    for (int run = 0; run < limit; run++) {
      if (!at.isUniform()) {
        return MIXED;
      }
      Position after = at.after('a');
      if (after == null) {
        return run;
      }
      at = after;
    }
    return limit;
  }

  /** Whether all plain characters lead to the same place, or none leads anywhere. */
  private boolean isUniform() {
    if (!uniformKnown) {
      uniformKnown = true;
      uniform = PlainCharacters.leadToOne(this);
    }
    return uniform;
  }

  /** Follows all edges that consume no byte. */
  private static Position closure(
      Network network, Map<Set<Frame>, Position> known, List<Frame> from) {
    Set<Frame> seen = new HashSet<>();
    Set<Frame> kept = new HashSet<>();
    List<Frame> open = new ArrayList<>(from);
    boolean complete = false;
    while (!open.isEmpty()) {
      Frame frame = open.removeLast();
      if (!seen.add(frame)) {
        continue;
      }
      if (seen.size() > MAX_FRAMES) {
        throw new InvalidInputException(
            "the grammar is too ambiguous: a text may be at more than %d places of it"
                .formatted(MAX_FRAMES));
      }
      @Nullable Frame parent = frame.parent;
      if (network.isFinal(frame.state)) {
        if (parent == null) {
          complete = true;
        } else {
          open.add(parent);
        }
      }
      for (Edge edge : network.edges(frame.state)) {
        if (edge.low() != Network.NO_BYTE) {
          kept.add(frame);
        } else if (edge.rule() == Network.NO_RULE) {
          open.add(new Frame(edge.target(), parent));
        } else {
          // A rule at the end of another returns to where that one does: loops do not grow.
          Frame back = network.isTail(edge.target()) ? parent : new Frame(edge.target(), parent);
          open.add(new Frame(network.start(edge.rule()), back));
        }
      }
    }
    Set<Frame> key = new HashSet<>(kept);
    if (complete) {
      key.add(new Frame(Integer.MAX_VALUE, null)); // tells apart positions that may end
    }
    boolean ends = complete;
    return known.computeIfAbsent(key, absent -> new Position(network, known, kept, ends));
  }
}
