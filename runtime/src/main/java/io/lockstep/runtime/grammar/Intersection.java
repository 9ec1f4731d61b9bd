package io.lockstep.runtime.grammar;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.grammar.Expression.Arc;
import io.lockstep.runtime.grammar.Expression.Automaton;
import io.lockstep.runtime.grammar.Expression.Range;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The texts that two expressions without references describe both. */
final class Intersection {

  private static final int MAX_STATES = 20_000;

  private static final int START = 0;

  /** A step over one of the ranges to a state, or freely where there are none. */
  private record Move(List<Range> ranges, int target) {
    boolean isFree() {
      return ranges.isEmpty();
    }
  }

  private final List<List<Move>> moves = new ArrayList<>(); // [states]

  private Intersection() {
    newState();
  }

  /** An automaton over characters; {@link Expression#NOTHING} when no text is in both. */
  static Expression of(Expression first, Expression second) {
    Intersection a = new Intersection();
    int endA = a.add(first, START);
    Intersection b = new Intersection();
    int endB = b.add(second, START);
    Map<Long, Integer> states = new HashMap<>();
    Deque<Long> open = new ArrayDeque<>();
    List<List<Arc>> arcs = new ArrayList<>();
    number(pair(START, START), states, open, arcs);
    while (!open.isEmpty()) {
      long pair = open.removeFirst();
      int stateA = (int) (pair >>> 32);
      int stateB = (int) pair;
      List<Arc> leaving = new ArrayList<>();
      for (Move move : a.moves.get(stateA)) {
        if (move.isFree()) {
          int to = number(pair(move.target(), stateB), states, open, arcs);
          leaving.add(new Arc(Expression.EMPTY, to));
        }
      }
      for (Move moveB : b.moves.get(stateB)) {
        if (moveB.isFree()) {
          int to = number(pair(stateA, moveB.target()), states, open, arcs);
          leaving.add(new Arc(Expression.EMPTY, to));
          continue;
        }
        for (Move moveA : a.moves.get(stateA)) {
          List<Range> common = CodePoints.both(moveA.ranges(), moveB.ranges());
          if (!common.isEmpty()) {
            int to = number(pair(moveA.target(), moveB.target()), states, open, arcs);
            leaving.add(new Arc(new Expression.Characters(common), to));
          }
        }
      }
      arcs.set(states.getOrDefault(pair, START), leaving);
    }
    Integer end = states.get(pair(endA, endB));
    return end == null ? Expression.NOTHING : trimmed(arcs, end);
  }

  /** Whether no text is in both. */
  static boolean isEmpty(Expression first, Expression second) {
    return of(first, second).equals(Expression.NOTHING);
  }

  private static long pair(int a, int b) {
    return ((long) a << 32) | b;
  }

  private static int number(
      long pair, Map<Long, Integer> states, Deque<Long> open, List<List<Arc>> arcs) {
    Integer known = states.get(pair);
    if (known != null) {
      return known;
    }
    int state = arcs.size();
    limit(state);
    states.put(pair, state);
    open.add(pair);
    arcs.add(List.of());
    return state;
  }

  /** Without the arcs to states from which there is no way to the end. */
  private static Expression trimmed(List<List<Arc>> arcs, int end) {
    List<List<Integer>> sources = new ArrayList<>();
    arcs.forEach(_ -> sources.add(new ArrayList<>()));
    for (int state = 0; state < arcs.size(); state++) {
      for (Arc arc : arcs.get(state)) {
        sources.get(arc.target()).add(state);
      }
    }
    BitSet live = new BitSet();
    Deque<Integer> open = new ArrayDeque<>(List.of(end));
    while (!open.isEmpty()) {
      int state = open.removeFirst();
      if (!live.get(state)) {
        live.set(state);
        open.addAll(sources.get(state));
      }
    }
    List<List<Arc>> kept = new ArrayList<>();
    for (List<Arc> leaving : arcs) {
      kept.add(leaving.stream().filter(arc -> live.get(arc.target())).toList());
    }
    return new Automaton(List.copyOf(kept), end);
  }

  private static void limit(int states) {
    if (states >= MAX_STATES) {
      throw new InvalidInputException(
          "a pattern together with limits needs more than " + MAX_STATES + " states");
    }
  }

  private int newState() {
    limit(moves.size());
    moves.add(new ArrayList<>());
    return moves.size() - 1;
  }

  private void connect(int from, int to) {
    moves.get(from).add(new Move(List.of(), to));
  }

  /** Adds what leads through {@code expression} from {@code from}; the state behind it. */
  private int add(Expression expression, int from) {
    return switch (expression) {
      case Expression.Characters characters -> {
        int to = newState();
        if (!characters.ranges().isEmpty()) {
          moves.get(from).add(new Move(characters.ranges(), to));
        }
        yield to;
      }
      case Expression.Reference reference ->
          throw new IllegalArgumentException("a reference to " + reference.rule());
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
      case Automaton automaton -> {
        int[] states = automaton.arcs().stream().mapToInt(_ -> newState()).toArray();
        connect(from, states[START]);
        for (int state = 0; state < states.length; state++) {
          for (Arc arc : automaton.arcs().get(state)) {
            connect(add(arc.part(), states[state]), states[arc.target()]);
          }
        }
        yield states[automaton.end()];
      }
    };
  }

  private int addRepeat(Expression.Repeat repeat, int from) {
    int at = newState();
    connect(from, at);
    for (int i = 0; i < repeat.min(); i++) {
      at = add(repeat.part(), at);
    }
    int to = newState();
    connect(at, to);
    if (repeat.max() == Expression.UNBOUNDED) {
      int loop = newState();
      connect(at, loop);
      connect(add(repeat.part(), loop), loop);
      connect(loop, to);
      return to;
    }
    for (int i = repeat.min(); i < repeat.max(); i++) {
      at = add(repeat.part(), at);
      connect(at, to);
    }
    return to;
  }
}
