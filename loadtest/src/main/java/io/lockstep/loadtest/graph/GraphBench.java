package io.lockstep.loadtest.graph;

import io.lockstep.loadtest.decode.ReadBandwidth;
import io.lockstep.loadtest.graph.GraphCase.Arithmetic;
import io.lockstep.loadtest.process.TemporaryFolder;
import io.lockstep.runtime.KernelBackends;
import io.lockstep.runtime.RuntimeOptions.KernelChoice;
import io.lockstep.runtime.kernel.ThreadedPool;
import io.lockstep.runtime.kernel.jit.PeakSpeed;
import io.lockstep.runtime.kernel.jit.PeakSpeed.Work;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Cases in the engine and in ONNX Runtime. Outputs are compared before anything is timed; then JMH
 * measures each case in a process of its own, where both engines take many short turns.
 */
public abstract sealed class GraphBench implements Callable<Integer>
    permits GraphBench.Kernels, GraphBench.Models {

  private static final double BRIEF_SECONDS = 1.2;

  @Option(names = "--threads", split = ",", description = "(${DEFAULT-VALUE})")
  private List<Integer> threads = List.of(1);

  @Option(
      names = "--seconds",
      description = "of each case's turns, both engines together (${DEFAULT-VALUE})")
  private double seconds = 2;

  @Option(names = "--brief", description = "fewer cases and turns: up to five minutes")
  private boolean isBrief;

  @Option(names = "--only", description = "cases whose name this regular expression finds")
  private Pattern only = Pattern.compile("");

  @Option(names = "--kernels", description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
  private KernelChoice kernels = KernelChoice.AUTO;

  @Spec private CommandSpec spec = CommandSpec.create();

  private GraphBench() {}

  /** The cases of this command. */
  abstract List<GraphCase> cases(Path folder);

  /** Sees to it that a case's model is there, if it can. */
  abstract void prepare(GraphCase work) throws IOException;

  /** A case is done with. */
  abstract void release(GraphCase work) throws IOException;

  /** Whether cases are models of files, whose memory is worth telling. */
  abstract boolean tellsMemory();

  @Override
  public Integer call() throws IOException, RunnerException {
    try (TemporaryFolder folder = new TemporaryFolder("lockstep-bench")) {
      List<GraphCase> chosen =
          cases(folder.path()).stream()
              .filter(work -> only.matcher(work.name()).find() && (work.isBrief() || !isBrief))
              .toList();
      for (int count : threads) {
        compare(chosen, new EngineOptions(count, kernels));
      }
    }
    return 0;
  }

  private void compare(List<GraphCase> chosen, EngineOptions options)
      throws IOException, RunnerException {
    PrintWriter out = spec.commandLine().getOut();
    String names = KernelBackends.select(kernels).kernels().name();
    RatioTable table = new RatioTable(out, ceilings(options.threads(), names));
    MemoryTable memory = new MemoryTable();
    table.head(options.threads(), names);
    for (GraphCase work : chosen) {
      prepare(work);
      if (Files.exists(work.file())) {
        memory.add(work, compare(work, options, table).weightBytes());
      } else {
        table.leftOut(work, "there is no " + work.file());
      }
      release(work);
    }
    table.means();
    if (tellsMemory()) {
      memory.print(out);
    }
  }

  private Trial compare(GraphCase work, EngineOptions options, RatioTable table)
      throws RunnerException {
    Trial trial = Trial.of(work, options);
    if (trial.isComparable()) {
      Turns turns = Turns.filling(isBrief ? BRIEF_SECONDS : seconds, trial.ours(), trial.theirs());
      table.line(work, GraphBenchmark.measure(work, options, turns), trial.difference());
    } else {
      table.leftOut(work, "the outputs differ by %.1e".formatted(trial.difference()));
    }
    return trial;
  }

  private static Map<Arithmetic, Double> ceilings(int threads, String kernels) {
    Map<Arithmetic, Double> ceilings = new EnumMap<>(Arithmetic.class);
    try (ThreadedPool pool = new ThreadedPool(threads)) {
      Work floats = kernels.endsWith("avx2") ? Work.FLOATS_256 : Work.FLOATS_512;
      PeakSpeed.measure(floats, pool).ifPresent(most -> ceilings.put(Arithmetic.FLOATS, most));
      PeakSpeed.measure(Work.BYTES_512, pool)
          .ifPresent(most -> ceilings.put(Arithmetic.BYTES, most));
      if (floats == Work.FLOATS_512) {
        PeakSpeed.measure(Work.BYTES_AMX, pool)
            .ifPresent(most -> ceilings.put(Arithmetic.BYTES, most));
      }
    }
    ceilings.put(Arithmetic.READS, ReadBandwidth.measure(threads));
    return ceilings;
  }

  /** {@code lockstep bench kernels}. */
  @Command(
      name = "kernels",
      description = "Measures single operators in the engine, beside ONNX Runtime.",
      mixinStandardHelpOptions = true)
  public static final class Kernels extends GraphBench {

    private @Nullable KernelCases kernels;

    @Override
    List<GraphCase> cases(Path folder) {
      kernels = new KernelCases(folder);
      return kernels.all();
    }

    @Override
    void prepare(GraphCase work) {
      Objects.requireNonNull(kernels).write(work);
    }

    @Override
    void release(GraphCase work) throws IOException {
      Files.delete(work.file());
    }

    @Override
    boolean tellsMemory() {
      return false;
    }
  }

  /** {@code lockstep bench models}. */
  @Command(
      name = "models",
      description = "Measures whole models in the engine, beside ONNX Runtime.",
      mixinStandardHelpOptions = true)
  public static final class Models extends GraphBench {

    @Option(
        names = "--models",
        description =
            "where the build unpacks models; `./mvnw -pl models generate-test-resources` does so"
                + " for all that are measured (${DEFAULT-VALUE})")
    private Path models = Path.of(System.getProperty("lockstep.home", "."), "models", "target");

    @Option(names = "--test-data", description = "a folder of further models (${DEFAULT-VALUE})")
    private Path testData =
        Path.of(System.getProperty("lockstep.home", "."), "..", "shared", "testdata");

    @Override
    List<GraphCase> cases(Path folder) {
      return ModelCases.all(models, testData);
    }

    @Override
    void prepare(GraphCase work) {} // whoever builds unpacks them

    @Override
    void release(GraphCase work) {}

    @Override
    boolean tellsMemory() {
      return true;
    }
  }
}
