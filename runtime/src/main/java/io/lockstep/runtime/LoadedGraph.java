package io.lockstep.runtime;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.ModelException;
import io.lockstep.runtime.graph.BatchLayout;
import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.importer.WeightFiles;
import io.lockstep.runtime.kernel.PerThread;
import io.lockstep.runtime.plan.ExecutionSession;
import io.lockstep.runtime.plan.ModelWeights;
import io.lockstep.runtime.plan.PlanSettings;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A graph with its weights. Owns the memory of both the originals and the packed forms. */
final class LoadedGraph implements GraphModel {

  private final ModelSignature signature;
  private final BatchTraits traits;
  private final Graph graph;
  private final WeightFiles files;
  private final ModelWeights weights;
  private final PlanSettings settings;
  private final Set<Session> sessions = ConcurrentHashMap.newKeySet();

  LoadedGraph(
      ModelSignature signature,
      BatchTraits traits,
      Graph graph,
      WeightFiles files,
      PlanSettings settings) {
    this.signature = signature;
    this.traits = traits;
    this.graph = graph;
    this.files = files;
    this.weights = settings.weights();
    this.settings = settings;
  }

  @Override
  public ModelSignature signature() {
    return signature;
  }

  @Override
  public BatchTraits batchTraits() {
    return traits;
  }

  @Override
  public Map<String, Integer> operators() {
    Map<String, Long> counts =
        graph.nodes().stream()
            .collect(Collectors.groupingBy(node -> node.operator().name(), Collectors.counting()));
    Map<String, Integer> sorted = new LinkedHashMap<>();
    counts.entrySet().stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .forEach(entry -> sorted.put(entry.getKey(), entry.getValue().intValue()));
    return sorted;
  }

  @Override
  public long parameters() {
    return graph.constants().values().stream().mapToLong(Tensor::size).sum();
  }

  @Override
  public MemoryUse memory() {
    long activations = sessions.stream().mapToLong(Session::memoryBytes).sum();
    return new MemoryUse(files.memoryBytes() + weights.bytes(), files.mappedBytes(), activations);
  }

  @Override
  public GraphSession newSession() {
    Session session = new Session();
    sessions.add(session);
    return session;
  }

  @Override
  public void close() {
    if (!sessions.isEmpty()) {
      throw new IllegalStateException(sessions.size() + " sessions of the model are still open");
    }
    weights.close();
    files.close();
  }

  private final class Session implements GraphSession, GraphSession.Binding {

    private final ExecutionSession execution = new ExecutionSession(graph, settings);
    private final PerThread.Loan scratch = new PerThread.Loan();
    private List<Shape> shapes = List.of(); // of the inputs, as last bound

    @Override
    public Binding bind(List<Shape> inputShapes) {
      List<TensorType> types = checked(inputShapes);
      shapes = inputShapes;
      try {
        execution.bind(types);
      } catch (InvalidModelException e) {
        throw unrunnable(e);
      } catch (ModelException e) {
        throw e;
      } catch (RuntimeException | StackOverflowError e) {
        throw damaged(e);
      }
      return this;
    }

    @Override
    public Tensor input(int index) {
      return execution.input(index);
    }

    @Override
    public void run(int items, int @Nullable [] lengths) {
      try {
        BatchLayout layout =
            lengths == null ? BatchLayout.full(items) : BatchLayout.ofLengths(lengths);
        scratch.run(() -> execution.run(layout));
      } catch (InvalidModelException e) {
        throw unrunnable(e);
      } catch (ModelException e) {
        throw e;
      } catch (RuntimeException | StackOverflowError e) {
        throw damaged(e);
      }
    }

    /** The model was loaded: it is these inputs that its operators cannot take. */
    private InvalidInputException unrunnable(InvalidModelException cause) {
      String inputs =
          IntStream.range(0, shapes.size())
              .filter(i ->
                  !signature.inputs().get(i).dimensions().stream().allMatch(Dimension::isFixed))
              .mapToObj(i -> "'" + signature.inputs().get(i).name() + "' " + shapes.get(i))
              .collect(Collectors.joining(", "));
      return new InvalidInputException(
          "the model cannot run inputs%s: %s"
              .formatted(
                  inputs.isEmpty() ? " like these" : " of shapes " + inputs, cause.getMessage()),
          cause);
    }

    /** A damaged file can break any assumption of an operator, and some only when it runs. */
    private static InvalidModelException damaged(Throwable cause) {
      return new InvalidModelException(
          "the model's graph is damaged, or its inputs are none it can take: " + cause.getMessage(),
          cause);
    }

    @Override
    public Tensor output(int index) {
      return execution.output(index);
    }

    @Override
    public long memoryBytes() {
      return execution.memoryBytes();
    }

    @Override
    public PlanUse planUse() {
      return new PlanUse(execution.plans(), execution.hits(), execution.misses());
    }

    @Override
    public void close() {
      if (sessions.remove(this)) {
        execution.close();
      }
    }
  }

  private List<TensorType> checked(List<Shape> shapes) {
    if (shapes.size() != signature.inputs().size()) {
      throw new InvalidInputException(
          "the model takes %d inputs but %d are given"
              .formatted(signature.inputs().size(), shapes.size()));
    }
    List<TensorType> types = new ArrayList<>();
    for (int i = 0; i < shapes.size(); i++) {
      TensorSpec spec = signature.inputs().get(i);
      Shape shape = shapes.get(i);
      boolean fits = spec.dimensions().size() == shape.rank();
      for (int axis = 0; fits && axis < shape.rank(); axis++) {
        Dimension dimension = spec.dimensions().get(axis);
        fits = !dimension.isFixed() || dimension.extent() == shape.extent(axis);
      }
      if (!fits) {
        throw new InvalidInputException(
            "input '%s' has shape %s but the model takes %s"
                .formatted(spec.name(), shape, spec.dimensions()));
      }
      types.add(new TensorType(spec.dtype(), shape));
    }
    return types;
  }
}
