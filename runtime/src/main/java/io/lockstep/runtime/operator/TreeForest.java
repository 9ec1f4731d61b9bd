package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decision trees in flat arrays: node {@code i} compares one feature with a threshold and names its
 * two children; a leaf names the votes it gives.
 */
final class TreeForest {

  /** How a node compares; in the order of TreeEnsemble 5's codes, then the leaf. */
  enum Mode {
    BRANCH_LEQ,
    BRANCH_LT,
    BRANCH_GTE,
    BRANCH_GT,
    BRANCH_EQ,
    BRANCH_NEQ,
    BRANCH_MEMBER,
    LEAF;

    /** By the number that TreeEnsemble 5 gives each. */
    static final List<Mode> CODES = List.of(values());
  }

  private final int[] roots;
  private final Mode[] modes; // [nodes]
  private final int[] features; // [nodes]
  private final double[] thresholds; // [nodes]
  private final int[] whenTrue; // [nodes]
  private final int[] whenFalse; // [nodes]
  private final boolean[] missingIsTrue; // [nodes]: where a NaN goes
  private final double[] @Nullable [] members; // [nodes]: the set of a BRANCH_MEMBER node
  private final int[] firstVote; // [nodes + 1]: the votes of node i are [firstVote[i], next)
  private final int[] voteTargets; // [votes]
  private final double[] voteWeights; // [votes]

  private TreeForest(
      int[] roots,
      Mode[] modes,
      int[] features,
      double[] thresholds,
      int[] whenTrue,
      int[] whenFalse,
      boolean[] missingIsTrue,
      double[] @Nullable [] members,
      int[] firstVote,
      int[] voteTargets,
      double[] voteWeights) {
    this.roots = roots;
    this.modes = modes;
    this.features = features;
    this.thresholds = thresholds;
    this.whenTrue = whenTrue;
    this.whenFalse = whenFalse;
    this.missingIsTrue = missingIsTrue;
    this.members = members;
    this.firstVote = firstVote;
    this.voteTargets = voteTargets;
    this.voteWeights = voteWeights;
    check();
  }

  /** Refuses children outside the forest and cycles, so that walking a tree always ends. */
  private void check() {
    byte[] state = new byte[modes.length];
    for (int root : roots) {
      List<Integer> open = new ArrayList<>(List.of(root));
      while (!open.isEmpty()) {
        int node = open.getLast();
        if (node < 0 || node >= modes.length || (state[node] == 1 && modes[node] == Mode.LEAF)) {
          throw new InvalidModelException("tree node " + node + " does not exist");
        }
        if (state[node] != 0 || modes[node] == Mode.LEAF) {
          state[node] = 2;
          open.removeLast();
          continue;
        }
        state[node] = 1;
        for (int child : new int[] {whenTrue[node], whenFalse[node]}) {
          if (child >= 0 && child < modes.length && state[child] == 1) {
            throw new InvalidModelException(
                "tree nodes " + node + " and " + child + " are a cycle");
          }
          open.add(child);
        }
      }
    }
  }

  int trees() {
    return roots.length;
  }

  /** Whether no vote weighs less than nothing. */
  boolean hasOnlyPositiveVotes() {
    return Arrays.stream(voteWeights).noneMatch(weight -> weight < 0);
  }

  /** How many different targets receive votes. */
  long distinctTargets() {
    return Arrays.stream(voteTargets).distinct().count();
  }

  int highestTarget() {
    return Arrays.stream(voteTargets).max().orElse(0);
  }

  int highestFeature() {
    int highest = 0;
    for (int i = 0; i < features.length; i++) {
      highest = modes[i] == Mode.LEAF ? highest : Math.max(highest, features[i]);
    }
    return highest;
  }

  /** The leaf that a row ends in. */
  int leaf(int tree, Tensor x, long row) {
    boolean floats = x.dtype() == DType.FLOAT32;
    int node = roots[tree];
    while (modes[node] != Mode.LEAF) {
      long at = row + features[node];
      double value = floats ? x.getFloat(at) : x.asDouble(at);
      node = holds(node, value) ? whenTrue[node] : whenFalse[node];
    }
    return node;
  }

  private boolean holds(int node, double value) {
    double threshold = thresholds[node];
    boolean holds =
        switch (modes[node]) {
          case BRANCH_LEQ -> value <= threshold;
          case BRANCH_LT -> value < threshold;
          case BRANCH_GTE -> value >= threshold;
          case BRANCH_GT -> value > threshold;
          case BRANCH_EQ -> value == threshold;
          case BRANCH_NEQ -> value != threshold;
          case BRANCH_MEMBER -> isMember(node, value);
          case LEAF -> throw new IllegalStateException("a leaf does not branch");
        };
    return holds || (missingIsTrue[node] && Double.isNaN(value));
  }

  private boolean isMember(int node, double value) {
    double[] set = members[node];
    return set != null && Arrays.binarySearch(set, value) >= 0;
  }

  int firstVote(int leaf) {
    return firstVote[leaf];
  }

  int endVote(int leaf) {
    return firstVote[leaf + 1];
  }

  int voteTarget(int vote) {
    return voteTargets[vote];
  }

  double voteWeight(int vote) {
    return voteWeights[vote];
  }

  /**
   * Reads TreeEnsembleClassifier and TreeEnsembleRegressor, where nodes are named by tree and
   * number.
   *
   * @param votes the prefix of the votes' attributes, class or target
   */
  static TreeForest named(NodeAttributes attributes, String votes) {
    long[] trees = attributes.ints("nodes_treeids");
    long[] ids = attributes.ints("nodes_nodeids");
    int count = ids.length;
    Map<List<Long>, Integer> index = new HashMap<>();
    for (int i = 0; i < count; i++) {
      index.put(List.of(trees[i], ids[i]), i);
    }
    List<String> names = attributes.strings("nodes_modes");
    Mode[] modes = new Mode[count];
    int[] whenTrue = new int[count];
    int[] whenFalse = new int[count];
    boolean[] isChild = new boolean[count];
    long[] trueIds = attributes.ints("nodes_truenodeids");
    long[] falseIds = attributes.ints("nodes_falsenodeids");
    for (int i = 0; i < count; i++) {
      modes[i] = Mode.valueOf(names.get(i));
      if (modes[i] != Mode.LEAF) {
        whenTrue[i] = index.getOrDefault(List.of(trees[i], trueIds[i]), -1);
        whenFalse[i] = index.getOrDefault(List.of(trees[i], falseIds[i]), -1);
        isChild[Math.max(0, whenTrue[i])] = true;
        isChild[Math.max(0, whenFalse[i])] = true;
      }
    }
    List<Integer> roots = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean firstOfTree = i == 0 || trees[i] != trees[i - 1];
      if (firstOfTree || (!isChild[i] && !hasRoot(roots, trees, i))) {
        roots.add(i);
      }
    }
    Votes sorted =
        Votes.of(
            count,
            nodesOfVotes(attributes, votes, index),
            attributes.ints(votes + "_ids"),
            doubles(attributes, votes + "_weights"));
    return new TreeForest(
        roots.stream().mapToInt(Integer::intValue).toArray(),
        modes,
        narrow(attributes.ints("nodes_featureids"), count),
        padded(doubles(attributes, "nodes_values"), count),
        whenTrue,
        whenFalse,
        flags(attributes.ints("nodes_missing_value_tracks_true"), count),
        new double[count][],
        sorted.first,
        sorted.targets,
        sorted.weights);
  }

  private static boolean hasRoot(List<Integer> roots, long[] trees, int node) {
    return roots.stream().anyMatch(root -> trees[root] == trees[node]);
  }

  private static int[] nodesOfVotes(
      NodeAttributes attributes, String votes, Map<List<Long>, Integer> index) {
    long[] trees = attributes.ints(votes + "_treeids");
    long[] ids = attributes.ints(votes + "_nodeids");
    int[] nodes = new int[ids.length];
    for (int i = 0; i < nodes.length; i++) {
      Integer node = index.get(List.of(trees[i], ids[i]));
      if (node == null) {
        throw new InvalidModelException(
            "votes of node %d in tree %d, which does not exist".formatted(ids[i], trees[i]));
      }
      nodes[i] = node;
    }
    return nodes;
  }

  /** Reads TreeEnsemble 5, where inner nodes and leaves are numbered apart. */
  static TreeForest numbered(NodeAttributes attributes) {
    Tensor modeCodes =
        attributes
            .tensor("nodes_modes")
            .orElseThrow(() -> new InvalidModelException("TreeEnsemble: nodes_modes is missing"));
    int inner = Math.toIntExact(modeCodes.size());
    long[] targets = attributes.ints("leaf_targetids");
    int count = inner + targets.length;
    Mode[] modes = new Mode[count];
    Arrays.fill(modes, Mode.LEAF);
    int[] whenTrue = new int[count];
    int[] whenFalse = new int[count];
    long[] trueIds = attributes.ints("nodes_truenodeids");
    long[] falseIds = attributes.ints("nodes_falsenodeids");
    long[] trueLeaves = attributes.ints("nodes_trueleafs");
    long[] falseLeaves = attributes.ints("nodes_falseleafs");
    for (int i = 0; i < inner; i++) {
      modes[i] = Mode.CODES.get((int) modeCodes.asLong(i));
      whenTrue[i] = Math.toIntExact(trueIds[i] + (trueLeaves[i] != 0 ? inner : 0));
      whenFalse[i] = Math.toIntExact(falseIds[i] + (falseLeaves[i] != 0 ? inner : 0));
    }
    int[] voters = new int[targets.length];
    Arrays.setAll(voters, i -> inner + i);
    Votes votes = Votes.of(count, voters, targets, doubles(attributes, "leaf_weights"));
    int[] roots = narrow(attributes.ints("tree_roots"), attributes.ints("tree_roots").length);
    return new TreeForest(
        roots,
        modes,
        narrow(attributes.ints("nodes_featureids"), count),
        padded(doubles(attributes, "nodes_splits"), count),
        whenTrue,
        whenFalse,
        flags(attributes.ints("nodes_missing_value_tracks_true"), count),
        memberSets(modes, doubles(attributes, "membership_values")),
        votes.first,
        votes.targets,
        votes.weights);
  }

  /** The sets of the member nodes, which follow each other, each ended by a NaN. */
  private static double[][] memberSets(Mode[] modes, double[] values) {
    double[][] sets = new double[modes.length][];
    int at = 0;
    for (int node = 0; node < modes.length; node++) {
      if (modes[node] == Mode.BRANCH_MEMBER) {
        int end = at;
        while (end < values.length && !Double.isNaN(values[end])) {
          end++;
        }
        double[] set = Arrays.copyOfRange(values, at, end);
        Arrays.sort(set);
        sets[node] = set;
        at = end + 1;
      }
    }
    return sets;
  }

  /** A list attribute of floats, or the tensor that newer versions hold it in. */
  static double[] doubles(NodeAttributes attributes, String name) {
    Tensor tensor =
        attributes.tensor(name + "_as_tensor").or(() -> attributes.tensor(name)).orElse(null);
    if (tensor == null) {
      float[] floats = attributes.floats(name);
      double[] values = new double[floats.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = floats[i];
      }
      return values;
    }
    double[] values = new double[tensor.shape().intSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = tensor.asDouble(i);
    }
    return values;
  }

  private static double[] padded(double[] values, int count) {
    return Arrays.copyOf(values, count);
  }

  private static int[] narrow(long[] values, int count) {
    int[] narrow = new int[count];
    for (int i = 0; i < Math.min(count, values.length); i++) {
      narrow[i] = Math.toIntExact(values[i]);
    }
    return narrow;
  }

  private static boolean[] flags(long[] values, int count) {
    boolean[] flags = new boolean[count];
    for (int i = 0; i < Math.min(count, values.length); i++) {
      flags[i] = values[i] != 0;
    }
    return flags;
  }

  /** Votes sorted by their node. */
  private static final class Votes {
    private final int[] first;
    private final int[] targets;
    private final double[] weights;

    private Votes(int nodes, int votes) {
      first = new int[nodes + 1];
      targets = new int[votes];
      weights = new double[votes];
    }

    static Votes of(int nodes, int[] voters, long[] targets, double[] weights) {
      if (targets.length != voters.length || weights.length != voters.length) {
        throw new InvalidModelException(
            "%d leaves vote, with %d targets and %d weights"
                .formatted(voters.length, targets.length, weights.length));
      }
      Votes votes = new Votes(nodes, voters.length);
      for (int voter : voters) {
        votes.first[voter + 1]++;
      }
      for (int i = 0; i < nodes; i++) {
        votes.first[i + 1] += votes.first[i];
      }
      int[] next = votes.first.clone();
      for (int i = 0; i < voters.length; i++) {
        int at = next[voters[i]]++;
        votes.targets[at] = Math.toIntExact(targets[i]);
        votes.weights[at] = weights[i];
      }
      return votes;
    }
  }
}
