package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.graph.Graph;

/** One pass over a graph. */
@FunctionalInterface
interface Rewrite {

  /** A graph that computes the same outputs from the same inputs. */
  Graph apply(Graph graph, RewriteContext context);
}
