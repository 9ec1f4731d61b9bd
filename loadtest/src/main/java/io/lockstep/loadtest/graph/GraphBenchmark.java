package io.lockstep.loadtest.graph;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.runtime.RuntimeOptions.KernelChoice;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.runner.IterationType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs of a case, which JMH measures in a process of its own that holds both engines. Each
 * iteration is a turn of one engine, so what JMH gives for the iterations, in their order, are the
 * times of the turns. Before a turn its engine runs once untimed, after the process has become
 * idle: pools of threads have gone to sleep while the other engine ran.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class GraphBenchmark {

  private static final ObjectMapper JSON = new ObjectMapper();

  // What JMH hands to the process that measures.
  @Param("")
  String work = "";

  @Param("")
  String kernels = "";

  @Param("1")
  int threads;

  private final Map<Engine.Kind, Engine> engines = new EnumMap<>(Engine.Kind.class);
  private @Nullable Engine current;
  private IterationType type = IterationType.WARMUP;
  private int turn;

  /** Loads the model into both engines and plans its run. */
  @Setup
  public void load() throws JsonProcessingException {
    GraphCase read = JSON.readValue(work, GraphCase.class);
    EngineOptions options = new EngineOptions(threads, KernelChoice.valueOf(kernels));
    for (Engine.Kind kind : Engine.Kind.values()) {
      engines.put(kind, kind.load(read, options));
    }
  }

  /** Gives the turn to the engine that is due. */
  @Setup(Level.Iteration)
  public void next(IterationParams iteration) throws InterruptedException {
    if (iteration.getType() != type) {
      type = iteration.getType();
      turn = 0;
    }
    current = Objects.requireNonNull(engines.get(Turns.engine(turn++)));
    IdleProcess.await();
    current.run();
  }

  /** What is timed. */
  @Benchmark
  public void run() {
    Objects.requireNonNull(current).run();
  }

  @TearDown
  public void close() {
    engines.values().forEach(Engine::close);
  }

  /** Measures a case in a new process. */
  static TurnTimes measure(GraphCase work, EngineOptions options, Turns turns)
      throws RunnerException {
    Options forked =
        new OptionsBuilder()
            .include(GraphBenchmark.class.getName())
            .param("work", asJson(work))
            .param("kernels", options.kernels().name())
            .param("threads", Integer.toString(options.threads()))
            .forks(1)
            .warmupIterations(2 * turns.warmUpPairs())
            .warmupTime(TimeValue.milliseconds(turns.millis()))
            .measurementIterations(2 * turns.pairs())
            .measurementTime(TimeValue.milliseconds(turns.millis()))
            .verbosity(VerboseMode.SILENT)
            .shouldFailOnError(true)
            .build();
    List<Double> nanos = new ArrayList<>();
    for (BenchmarkResult fork : new Runner(forked).runSingle().getBenchmarkResults()) {
      for (IterationResult iteration : fork.getIterationResults()) {
        nanos.add(iteration.getPrimaryResult().getScore());
      }
    }
    return TurnTimes.of(nanos);
  }

  private static String asJson(GraphCase work) {
    try {
      return JSON.writeValueAsString(work);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
