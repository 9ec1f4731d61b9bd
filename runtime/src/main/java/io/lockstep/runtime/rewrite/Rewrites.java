package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.graph.Graph;
import java.util.List;

/** All passes in the order in which they help each other. */
public final class Rewrites {

  private static final List<Rewrite> PASSES =
      List.of(
          new ExpandComposed(),
          new EliminateIdentity(),
          FoldConstants.exceptDequantization(),
          new GatherQuantized(),
          new FuseDynamicQuantization(),
          new FuseQuantizedConv(),
          FoldConstants.all(),
          new FuseLayerNormalization(),
          new FuseGelu(),
          new FuseHardSwish(),
          new FuseConvScale(),
          new FuseProductBias(),
          new FuseActivation(),
          new FuseAttention(),
          new FuseChannelShuffle(),
          new ChooseLayout(),
          new FuseLayoutChange(),
          new FuseElementwise());

  private Rewrites() {}

  /** The graph after all passes. */
  public static Graph apply(Graph graph, RewriteContext context) {
    Graph current = graph;
    for (Rewrite pass : PASSES) {
      current = pass.apply(current, context);
    }
    return current;
  }
}
