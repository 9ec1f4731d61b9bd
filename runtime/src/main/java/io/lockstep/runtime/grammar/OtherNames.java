package io.lockstep.runtime.grammar;

import io.lockstep.runtime.grammar.Expression.Arc;
import io.lockstep.runtime.grammar.Expression.Range;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All texts but some: a walk through the tree of their characters that leaves it. */
final class OtherNames {

  /** States of the automaton that are no nodes of the tree. */
  private static final int ROOT = 0;

  private static final int OUTSIDE = 1;
  private static final int END = 2;

  private final List<Map<Integer, Integer>> children = new ArrayList<>(); // node by character
  private final Set<Integer> whole = new HashSet<>(); // nodes at which one of the texts ends

  private OtherNames(Collection<String> names) {
    for (int state = ROOT; state <= END; state++) {
      children.add(new HashMap<>());
    }
    for (String name : names) {
      int at = ROOT;
      for (int point : name.codePoints().toArray()) {
        Integer child = children.get(at).get(point);
        if (child == null) {
          child = children.size();
          children.add(new HashMap<>());
          children.get(at).put(point, child);
        }
        at = child;
      }
      whole.add(at);
    }
  }

  /** An automaton over the texts that are none of {@code names}. */
  static Expression than(Collection<String> names) {
    return new OtherNames(names).automaton();
  }

  private Expression automaton() {
    List<List<Arc>> arcs = new ArrayList<>();
    for (int state = 0; state < children.size(); state++) {
      List<Arc> leaving = new ArrayList<>();
      List<Range> inside = new ArrayList<>();
      children
          .get(state)
          .forEach((point, child) -> {
            inside.add(new Range(point, point));
            leaving.add(new Arc(Expression.characters(point, point), child));
          });
      if (state != END) {
        leaving.add(new Arc(new Expression.Characters(CodePoints.complement(inside)), OUTSIDE));
        if (!whole.contains(state)) {
          leaving.add(new Arc(Expression.EMPTY, END));
        }
      }
      arcs.add(leaving);
    }
    return new Expression.Automaton(arcs, END);
  }
}
