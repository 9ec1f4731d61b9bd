package io.lockstep.runtime.grammar;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.grammar.Expression.Range;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A grammar as a recursive transition network over the bytes of UTF-8. */
final class Network {

  /** Most states; a grammar beyond it repeats too much. */
  private static final int MAX_STATES = 50_000;

  /** What an edge that consumes no byte has as its lowest byte. */
  static final int NO_BYTE = -1;

  /** An edge that calls no rule. */
  static final int NO_RULE = -1;

  /**
   * A step to {@code target}: over a byte from {@code low} to {@code high}, through {@code rule},
   * or freely.
   */
  record Edge(int low, int high, int rule, int target) {}

  private final List<List<Edge>> edges = new ArrayList<>(); // [states]
  private final Map<String, Integer> rules = new LinkedHashMap<>(); // name to number
  private final List<Integer> starts = new ArrayList<>(); // [rules]
  private final BitSet finals = new BitSet(); // states that end their rule

  /**
   * Compiles rules; the first one describes the whole text.
   *
   * @throws InvalidInputException for undefined, left-recursive or endless rules
   */
  Network(Map<String, Expression> grammar) {
    for (String name : grammar.keySet()) {
      rules.put(name, rules.size());
      starts.add(newState());
    }
    grammar.forEach((name, expression) -> {
      Integer rule = rules.get(name);
      if (rule != null) {
        finals.set(add(expression, starts.get(rule)));
      }
    });
    dropDeadEnds();
    refuseLeftRecursion();
    skipFreeSteps();
  }

  int start() {
    return starts.getFirst();
  }

  int start(int rule) {
    return starts.get(rule);
  }

  List<Edge> edges(int state) {
    return edges.get(state);
  }

  boolean isFinal(int state) {
    return finals.get(state);
  }

  /** Whether nothing but the end of the rule follows. */
  boolean isTail(int state) {
    return finals.get(state) && edges.get(state).isEmpty();
  }

  private int newState() {
    if (edges.size() == MAX_STATES) {
      throw new InvalidInputException("the grammar needs more than " + MAX_STATES + " states");
    }
    edges.add(new ArrayList<>());
    return edges.size() - 1;
  }

  private void connect(int from, int to) {
    edges.get(from).add(new Edge(NO_BYTE, NO_BYTE, NO_RULE, to));
  }

  /** Adds what leads through {@code expression} from {@code from}; the state behind it. */
  private int add(Expression expression, int from) {
    return switch (expression) {
      case Expression.Characters characters -> {
        int to = newState();
        for (Range range : characters.ranges()) {
          Utf8Ranges.forEach(range.low(), range.high(), bytes -> addBytes(bytes, from, to));
        }
        yield to;
      }
      case Expression.Reference reference -> {
        Integer rule = rules.get(reference.rule());
        if (rule == null) {
          throw new InvalidInputException("the grammar lacks the rule '" + reference.rule() + "'");
        }
        int to = newState();
        edges.get(from).add(new Edge(NO_BYTE, NO_BYTE, rule, to));
        yield to;
      }
      case Expression.Sequence sequence -> {
        int at = from;
        for (Expression part : sequence.parts()) {
          at = add(part, at);
        }
        yield at;
      }
      case Expression.Choice choice -> {
        int to = newState();
        for (Expression option : choice.options()) {
          int first = newState();
          connect(from, first);
          connect(add(option, first), to);
        }
        yield to;
      }
      case Expression.Repeat repeat -> addRepeat(repeat, from);
      case Expression.Automaton automaton -> {
        int[] states = automaton.arcs().stream().mapToInt(_ -> newState()).toArray();
        connect(from, states[0]);
        for (int state = 0; state < states.length; state++) {
          for (Expression.Arc arc : automaton.arcs().get(state)) {
            connect(add(arc.part(), states[state]), states[arc.target()]);
          }
        }
        yield states[automaton.end()];
      }
    };
  }

  private int addRepeat(Expression.Repeat repeat, int from) {
    int at = from;
    for (int i = 0; i < repeat.min(); i++) {
      at = add(repeat.part(), at);
    }
    int to = newState();
    if (repeat.max() == Expression.UNBOUNDED) {
      int loop = newState();
      connect(at, loop);
      connect(add(repeat.part(), loop), loop);
      connect(loop, to);
      return to;
    }
    connect(at, to);
    for (int i = repeat.min(); i < repeat.max(); i++) {
      at = add(repeat.part(), at);
      connect(at, to);
    }
    return to;
  }

  /** Pairs of lowest and highest byte in a row. */
  private void addBytes(int[] bounds, int from, int to) {
    int at = from;
    for (int i = 0; i < bounds.length; i += 2) {
      int next = i + 2 == bounds.length ? to : newState();
      edges.get(at).add(new Edge(bounds[i], bounds[i + 1], NO_RULE, next));
      at = next;
    }
  }

  /** Removes edges to states from which their rule cannot end, so that every state can end. */
  private void dropDeadEnds() {
    BitSet live = ending(true);
    edges.forEach(list -> list.removeIf(edge -> !live.get(edge.target()) || !isCallIn(edge, live)));
    if (!live.get(start())) {
      throw new InvalidInputException("no finite text follows the grammar");
    }
  }

  /** Whether an edge calls no rule, or one whose start is among {@code states}. */
  private boolean isCallIn(Edge edge, BitSet states) {
    return edge.rule() == NO_RULE || states.get(starts.get(edge.rule()));
  }

  /** States from which their rule can end; without {@code overBytes}, can end at once. */
  private BitSet ending(boolean overBytes) {
    List<List<Integer>> watchers = new ArrayList<>(); // states that may end when a state does
    edges.forEach(_ -> watchers.add(new ArrayList<>()));
    for (int state = 0; state < edges.size(); state++) {
      for (Edge edge : edges.get(state)) {
        watchers.get(edge.target()).add(state);
        if (edge.rule() != NO_RULE) {
          watchers.get(starts.get(edge.rule())).add(state);
        }
      }
    }
    BitSet ending = (BitSet) finals.clone();
    Deque<Integer> open = new ArrayDeque<>();
    finals.stream().forEach(open::add);
    while (!open.isEmpty()) {
      for (int state : watchers.get(open.removeFirst())) {
        boolean ends =
            edges.get(state).stream()
                .anyMatch(edge ->
                    (overBytes || edge.low() == NO_BYTE)
                        && ending.get(edge.target())
                        && isCallIn(edge, ending));
        if (ends && !ending.get(state)) {
          ending.set(state);
          open.add(state);
        }
      }
    }
    return ending;
  }

  /** Lets edges end behind states that only lead on, so that the ends of rules are seen as such. */
  private void skipFreeSteps() {
    int[] behind = new int[edges.size()];
    for (int state = 0; state < behind.length; state++) {
      int at = state;
      for (int steps = 0; steps < behind.length && isPassage(at); steps++) {
        at = edges.get(at).getFirst().target();
      }
      behind[state] = at;
    }
    edges.forEach(list ->
        list.replaceAll(
            edge -> new Edge(edge.low(), edge.high(), edge.rule(), behind[edge.target()])));
  }

  private boolean isPassage(int state) {
    List<Edge> leaving = edges.get(state);
    return leaving.size() == 1
        && !finals.get(state)
        && leaving.getFirst().low() == NO_BYTE
        && leaving.getFirst().rule() == NO_RULE;
  }

  private void refuseLeftRecursion() {
    BitSet empty = ending(false);
    List<Set<Integer>> called = new ArrayList<>(); // before the first byte, by rule
    starts.forEach(start -> called.add(calledFirst(start, empty)));
    int[] callers = new int[called.size()];
    called.forEach(mine -> mine.forEach(rule -> callers[rule]++));
    // Rules that nobody calls first are taken away until none is left but circles and their
    // callees.
    Deque<Integer> open = new ArrayDeque<>();
    for (int rule = 0; rule < callers.length; rule++) {
      if (callers[rule] == 0) {
        open.add(rule);
      }
    }
    while (!open.isEmpty()) {
      for (int rule : called.get(open.removeFirst())) {
        if (--callers[rule] == 0) {
          open.add(rule);
        }
      }
    }
    rules.forEach((name, rule) -> {
      if (callers[rule] > 0 && reachesItself(rule, called)) {
        throw new InvalidInputException(
            "rule '" + name + "' of the grammar begins with itself, which is not supported");
      }
    });
  }

  private static boolean reachesItself(int rule, List<Set<Integer>> called) {
    Set<Integer> seen = new HashSet<>();
    Deque<Integer> open = new ArrayDeque<>(called.get(rule));
    while (!open.isEmpty()) {
      int next = open.removeLast();
      if (seen.add(next)) {
        open.addAll(called.get(next));
      }
    }
    return seen.contains(rule);
  }

  /** Rules that may be called from a rule's start on without consuming a byte. */
  private Set<Integer> calledFirst(int start, BitSet empty) {
    Set<Integer> called = new LinkedHashSet<>();
    Set<Integer> seen = new HashSet<>();
    Deque<Integer> open = new ArrayDeque<>(List.of(start));
    while (!open.isEmpty()) {
      int state = open.removeLast();
      if (!seen.add(state)) {
        continue;
      }
      for (Edge edge : edges.get(state)) {
        if (edge.low() != NO_BYTE) {
          continue;
        }
        if (isCallIn(edge, empty)) {
          open.add(edge.target());
        }
        if (edge.rule() != NO_RULE) {
          called.add(edge.rule());
        }
      }
    }
    return called;
  }
}
