package io.lockstep.runtime;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.ModelException;
import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.NodeEvaluator;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.importer.ImportedGraph;
import io.lockstep.runtime.importer.ImportedGraph.Declared;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.plan.AxisTracer;
import io.lockstep.runtime.plan.ExecutionSession;
import io.lockstep.runtime.plan.ModelWeights;
import io.lockstep.runtime.plan.PlanSettings;
import io.lockstep.runtime.rewrite.RewriteContext;
import io.lockstep.runtime.rewrite.Rewrites;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes a runnable model of an imported graph: rewrites it, studies it, packs its weights. */
final class GraphLoader {

  private final RuntimeOptions options;
  private final KernelSet kernels;
  private final NodeEvaluator evaluator;

  GraphLoader(RuntimeOptions options, KernelSet kernels) {
    this.options = options;
    this.kernels = kernels;
    this.evaluator = new NodeEvaluator(kernels);
  }

  /** Takes over the imported graph's memory, also when it fails. */
  GraphModel load(ImportedGraph imported) {
    try {
      return loadOwned(imported);
    } catch (ModelException e) {
      imported.weights().close();
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      // A damaged file can break any assumption; the user gets one sentence, the log the cause.
      imported.weights().close();
      throw new InvalidModelException("the model's graph is damaged: " + e.getMessage(), e);
    }
  }

  private GraphModel loadOwned(ImportedGraph imported) {
    List<Tensor> computed = new ArrayList<>();
    Function<TensorType, Tensor> allocate =
        type -> {
          Tensor tensor = imported.weights().allocate(type);
          computed.add(tensor);
          return tensor;
        };
    Graph graph =
        Rewrites.apply(
            imported.graph(), new RewriteContext(evaluator, allocate, options.maxTensorBytes()));
    releaseUnused(imported, computed, graph);
    List<TensorSpec> inputs = imported.inputs().stream().map(GraphLoader::inputSpec).toList();
    AxisTracer tracer = new AxisTracer(graph, evaluator, options.maxTensorBytes());
    ModelSignature inputsOnly = new ModelSignature(inputs, placeholders(imported.outputs()));
    BatchAnalysis.Result analysis = new BatchAnalysis(inputsOnly, graph, tracer).analyse();
    ModelSignature signature =
        new ModelSignature(inputs, outputSpecs(imported, analysis.sample(), graph));
    ModelWeights weights = new ModelWeights(graph, analysis.roles());
    PlanSettings settings =
        new PlanSettings(
            kernels, options.pool(), weights, options.maxCachedPlans(), options.maxTensorBytes());
    LoadedGraph model =
        new LoadedGraph(signature, analysis.traits(), graph, imported.weights(), settings);
    analysis.sample().ifPresent(sample -> pack(sample, graph, settings, imported));
    return model;
  }

  /** Plans once, so that weights are packed, and gives back what no plan reads any more. */
  private static void pack(
      List<TensorType> sample, Graph graph, PlanSettings settings, ImportedGraph imported) {
    try (ExecutionSession session = new ExecutionSession(graph, settings)) {
      session.bind(sample);
      if (session.isComplete()) {
        settings.weights().releaseUnread(imported.weights()::release);
      }
    } catch (InvalidModelException | InvalidInputException e) {
      // Some models refuse the shapes that were guessed; they pack when they are first used.
      return;
    }
  }

  /** Gives back constants that rewrites replaced, those among them that other rewrites had made. */
  private static void releaseUnused(ImportedGraph imported, List<Tensor> computed, Graph graph) {
    imported
        .graph()
        .constants()
        .forEach((value, tensor) -> {
          if (!graph.constants().containsKey(value)) {
            imported.weights().release(tensor);
          }
        });
    Set<Tensor> used = Collections.newSetFromMap(new IdentityHashMap<>());
    used.addAll(graph.constants().values());
    computed.stream().filter(tensor -> !used.contains(tensor)).forEach(imported.weights()::release);
  }

  private static TensorSpec inputSpec(Declared declared) {
    DType dtype = declared.dtype();
    if (dtype == null) {
      throw new UnsupportedModelException(
          "input '" + declared.name() + "' is no tensor; only tensors are supported");
    }
    List<Long> extents = declared.extents();
    if (extents == null) {
      throw new UnsupportedModelException(
          "input '" + declared.name() + "' does not say how many axes it has");
    }
    return new TensorSpec(declared.name(), dtype, dimensions(extents, declared.symbols()));
  }

  private static List<Dimension> dimensions(List<Long> extents, List<@Nullable String> symbols) {
    List<Dimension> dimensions = new ArrayList<>();
    for (int i = 0; i < extents.size(); i++) {
      long extent = extents.get(i);
      if (extent > Integer.MAX_VALUE) {
        throw new InvalidModelException("an axis of extent " + extent + " is too long");
      }
      dimensions.add(
          extent >= 0 ? Dimension.fixed((int) extent) : Dimension.dynamic(symbols.get(i)));
    }
    return dimensions;
  }

  private static List<TensorSpec> placeholders(List<Declared> outputs) {
    return outputs.stream()
        .map(output -> new TensorSpec(output.name(), DType.FLOAT32, List.of()))
        .toList();
  }

  /** What the file says of the outputs, completed by what inference finds. */
  private List<TensorSpec> outputSpecs(
      ImportedGraph imported, Optional<List<TensorType>> sample, Graph graph) {
    Map<Value, TensorType> inferred =
        sample
            .map(types -> new AxisTracer(graph, evaluator, options.maxTensorBytes()).types(types))
            .orElse(Map.of());
    List<TensorSpec> specs = new ArrayList<>();
    for (int i = 0; i < imported.outputs().size(); i++) {
      Declared declared = imported.outputs().get(i);
      TensorType found = inferred.get(graph.outputs().get(i));
      DType dtype = found != null ? found.dtype() : declared.dtype();
      if (dtype == null) {
        throw new UnsupportedModelException(
            "output '" + declared.name() + "' is no tensor; only tensors are supported");
      }
      List<Long> extents = declared.extents();
      List<Dimension> dimensions;
      if (extents != null && (found == null || found.shape().rank() == extents.size())) {
        dimensions = dimensions(extents, declared.symbols());
      } else if (found != null) {
        dimensions = found.shape().rank() == 0 ? List.of() : dynamic(found.shape().rank());
      } else {
        dimensions = List.of();
      }
      specs.add(new TensorSpec(declared.name(), dtype, dimensions));
    }
    return specs;
  }

  private static List<Dimension> dynamic(int rank) {
    List<Dimension> dimensions = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      dimensions.add(Dimension.dynamic(null));
    }
    return dimensions;
  }
}
