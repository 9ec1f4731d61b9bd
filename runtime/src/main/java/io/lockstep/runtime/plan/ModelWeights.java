package io.lockstep.runtime.plan;

import io.lockstep.runtime.graph.AxisRole;
import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Node;
import io.lockstep.runtime.graph.PrepareContext.Packer;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The constants of a model as its plans use them: packed forms, made once and shared, and the
 * originals of those that are read as they are. Owns the packed forms.
 */
public final class ModelWeights implements AutoCloseable {

  private record PackedKey(Value value, String form) {}

  private final Map<Value, Tensor> constants;
  private final Set<Value> bodyConstants = new HashSet<>(); // of branches and loops, at any depth
  private final Map<Value, List<AxisRole>> axisRoles;
  private final Map<Object, Object> packed = new HashMap<>();
  private final Set<Value> readValues = new HashSet<>();
  private final TensorArena arena = TensorArena.ofWeights();

  /**
   * Starts with nothing packed.
   *
   * @param graph whose constants these are; somebody else owns their memory
   * @param axisRoles what the axes of the graph's values mean for batching, where traced
   */
  public ModelWeights(Graph graph, Map<Value, List<AxisRole>> axisRoles) {
    this.constants = graph.constants();
    this.axisRoles = axisRoles;
    addBodies(graph);
  }

  private void addBodies(Graph graph) {
    for (Node node : graph.nodes()) {
      for (Graph body : node.operator().bodies()) {
        bodyConstants.addAll(body.constants().keySet());
        addBodies(body);
      }
    }
  }

  /** Whether all plans see the same value here, so that they can share its packed forms. */
  boolean isConstant(Value value) {
    return constants.containsKey(value) || bodyConstants.contains(value);
  }

  Map<Value, List<AxisRole>> axisRoles() {
    return axisRoles;
  }

  /** Notes that a constant is read as it is, so that its original must stay. */
  synchronized void noteRead(Value value) {
    if (constants.containsKey(value)) {
      readValues.add(value);
    }
  }

  /** A packed form of one of the model's constants. */
  @SuppressWarnings("unchecked") // a form names one type, see PrepareContext.packed
  synchronized <T> T packed(Value value, Tensor constant, String form, Packer<T> pack) {
    PackedKey key = new PackedKey(value, form);
    Object made = packed.get(key);
    if (made == null) {
      made = pack.pack(constant, arena);
      packed.put(key, made);
    }
    return (T) made;
  }

  /** Something made once for the model. */
  @SuppressWarnings("unchecked") // a key names one type, see PrepareContext.shared
  synchronized <T> T shared(String key, Function<TensorArena, T> make) {
    Object made = packed.get(key);
    if (made == null) {
      made = make.apply(arena);
      packed.put(key, made);
    }
    return (T) made;
  }

  /** Hands over every constant whose original no plan so far reads; called after a first plan. */
  public synchronized void releaseUnread(Consumer<Tensor> release) {
    constants.forEach((value, tensor) -> {
      if (!readValues.contains(value)) {
        release.accept(tensor);
      }
    });
  }

  /** Bytes of packed forms. */
  public long bytes() {
    return arena.bytes();
  }

  @Override
  public void close() {
    arena.close();
  }
}
