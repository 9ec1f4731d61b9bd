package io.lockstep.runtime.operator;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A pool of n-grams, item by item: from each node on, the items that may come next. */
final class GramTree {

  private final Map<Object, GramTree> next = new HashMap<>();
  private int gram = -1;

  /** Adds an n-gram under a number; the first number that an n-gram gets stays. */
  void add(List<?> items, int number) {
    GramTree node = this;
    for (Object item : items) {
      node = node.next.computeIfAbsent(item, _ -> new GramTree());
    }
    node.gram = node.gram < 0 ? number : node.gram;
  }

  /** The node behind an item, or null when no n-gram goes on with it. */
  @Nullable GramTree after(Object item) {
    return next.get(item);
  }

  /** The number of the n-gram that ends here; -1 when none does. */
  int gram() {
    return gram;
  }
}
