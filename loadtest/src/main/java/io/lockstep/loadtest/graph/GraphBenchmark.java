package io.lockstep.loadtest.graph;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.runtime.RuntimeOptions.KernelChoice;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** One run of a case in one engine, which JMH measures in a process of its own. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class GraphBenchmark {

  private static final ObjectMapper JSON = new ObjectMapper();

  // What JMH hands to the process that measures.
  @Param("")
  String work = "";

  @Param("")
  String engine = "";

  @Param("")
  String kernels = "";

  @Param("1")
  int threads;

  private @Nullable Engine loaded;

  /** Loads the model and plans its run. */
  @Setup
  public void load() throws JsonProcessingException {
    GraphCase read = JSON.readValue(work, GraphCase.class);
    EngineOptions options = new EngineOptions(threads, KernelChoice.valueOf(kernels));
    loaded = Engine.Kind.valueOf(engine).load(read, options);
  }

  /** What is timed. */
  @Benchmark
  public void run() {
    Objects.requireNonNull(loaded).run();
  }

  @TearDown
  public void close() {
    Objects.requireNonNull(loaded).close();
  }

  /**
   * Measures once, in a new process.
   *
   * @return nanoseconds of one run
   */
  static double measure(GraphCase work, Engine.Kind engine, EngineOptions options, double seconds)
      throws RunnerException {
    Options forked =
        new OptionsBuilder()
            .include(GraphBenchmark.class.getName())
            .param("work", asJson(work))
            .param("engine", engine.name())
            .param("kernels", options.kernels().name())
            .param("threads", Integer.toString(options.threads()))
            .forks(1)
            .warmupIterations(1)
            .warmupTime(time(seconds))
            .measurementIterations(1)
            .measurementTime(time(seconds))
            .verbosity(VerboseMode.SILENT)
            .shouldFailOnError(true)
            .build();
    return new Runner(forked).runSingle().getPrimaryResult().getScore();
  }

  private static TimeValue time(double seconds) {
    return TimeValue.milliseconds(Math.round(seconds * 1000));
  }

  private static String asJson(GraphCase work) {
    try {
      return JSON.writeValueAsString(work);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
