package io.lockstep.server.config;

import java.time.Duration;

/**
 * Everything that {@code server.yaml} can say; a component is a key in snake case. The file in the
 * project's {@code config} folder explains each key and is tested against {@link #DEFAULTS}.
 */
public record ServerConfig(
    Server server,
    Repository repository,
    Limits limits,
    Compute compute,
    Batching batching,
    Generation generation,
    Sequences sequences,
    Warmup warmup,
    Logging logging,
    Metrics metrics,
    Tracing tracing) {

  public static final ServerConfig DEFAULTS =
      new ServerConfig(
          new Server("0.0.0.0", 8080, Duration.ofSeconds(60), Duration.ofSeconds(30), ""),
          new Repository("", Duration.ZERO),
          new Limits(
              ByteSize.ofMebibytes(64),
              ByteSize.ofMebibytes(64),
              64,
              1024,
              2048,
              Duration.ofSeconds(60)),
          new Compute(0, Kernels.AUTO, 64, ByteSize.ofMebibytes(1024)),
          new Batching(32, 4096, Duration.ZERO, 1024, 1),
          new Generation(64, 256, 65_536, Duration.ofMinutes(10)),
          new Sequences(Duration.ofSeconds(60), 1024),
          new Warmup(true, Duration.ofSeconds(5)),
          new Logging("info", false),
          new Metrics(true, false, false, 256),
          new Tracing("", 1));

  /** The same with another HTTP side. */
  public ServerConfig withServer(Server newServer) {
    return new ServerConfig(
        newServer,
        repository,
        limits,
        compute,
        batching,
        generation,
        sequences,
        warmup,
        logging,
        metrics,
        tracing);
  }

  /** The same with other kernels. */
  public ServerConfig withKernels(Kernels kernels) {
    Compute newCompute =
        new Compute(compute.threads(), kernels, compute.planCache(), compute.maxTensor());
    return new ServerConfig(
        server,
        repository,
        limits,
        newCompute,
        batching,
        generation,
        sequences,
        warmup,
        logging,
        metrics,
        tracing);
  }

  /** The kernels that models run on. */
  public enum Kernels {
    AUTO,
    SCALAR,
    VECTOR,
    JIT
  }

  /**
   * The HTTP side.
   *
   * @param port 0 for any free one
   * @param idleTimeout after which a silent connection is closed
   * @param drainTimeout how long requests in flight may take after the stop signal
   * @param apiKeys a file of {@link ApiKeys}; empty to let everybody in
   */
  public record Server(
      String host, int port, Duration idleTimeout, Duration drainTimeout, String apiKeys) {
    public Server {
      require(port >= 0 && port <= 65_535, "port must be 0 to 65535 but is " + port);
      require(idleTimeout.isPositive(), "idle_timeout must be positive");
    }

    public Server withAddress(String newHost, int newPort) {
      return new Server(newHost, newPort, idleTimeout, drainTimeout, apiKeys);
    }
  }

  /**
   * Where models come from.
   *
   * @param models the folder; empty for the built-in models
   * @param pollInterval how often the folder is looked at for changes; 0 for never
   */
  public record Repository(String models, Duration pollInterval) {}

  /**
   * What one client may ask for.
   *
   * @param maxBody of a request, after decompression
   * @param maxTensor of any single tensor of a request
   * @param maxJsonDepth nesting of arrays and objects
   * @param maxConcurrentRequests being parsed, waiting or written, beyond which 429 is answered
   * @param maxTexts of one embedding request
   * @param defaultTimeout of requests that name none; 0 for none
   */
  public record Limits(
      ByteSize maxBody,
      ByteSize maxTensor,
      int maxJsonDepth,
      int maxConcurrentRequests,
      int maxTexts,
      Duration defaultTimeout) {
    public Limits {
      require(
          maxBody.bytes() >= 1024 && maxBody.bytes() < Integer.MAX_VALUE,
          "max_body must be 1KiB to 2GiB but is " + maxBody);
      require(maxTensor.bytes() >= 1024, "max_tensor must be at least 1KiB but is " + maxTensor);
      require(
          maxJsonDepth >= 8 && maxJsonDepth <= 1000,
          "max_json_depth must be 8 to 1000 but is " + maxJsonDepth);
      requireAtLeast("max_concurrent_requests", maxConcurrentRequests, 1);
      requireAtLeast("max_texts", maxTexts, 1);
    }
  }

  /**
   * The processor.
   *
   * @param threads that compute, over all models; 0 for one a core
   * @param planCache input shapes that each model instance keeps plans for
   * @param maxTensor of any single tensor inside a run
   */
  public record Compute(int threads, Kernels kernels, int planCache, ByteSize maxTensor) {
    public Compute {
      requireAtLeast("threads", threads, 0);
      requireAtLeast("plan_cache", planCache, 1);
    }
  }

  /**
   * How models batch when their model.yaml does not say.
   *
   * @param maxBatchSize rows of one run
   * @param maxBatchTokens positions of one run that pads, rows times padded length
   * @param maxQueueDelay how long the oldest request may wait for company
   * @param maxQueueSize rows that may wait; beyond it requests are refused
   * @param instances of each model that may run at a time
   */
  public record Batching(
      int maxBatchSize,
      int maxBatchTokens,
      Duration maxQueueDelay,
      int maxQueueSize,
      int instances) {
    public Batching {
      requireAtLeast("max_batch_tokens", maxBatchTokens, 1);
      requireAtLeast("max_batch_size", maxBatchSize, 1);
      requireAtLeast("max_queue_size", maxQueueSize, 1);
      requireAtLeast("instances", instances, 1);
    }
  }

  /**
   * How models that generate text share steps when their model.yaml does not say.
   *
   * @param maxSequences texts that are generated at a time
   * @param stepTokens that a step computes at most
   * @param maxQueueTokens tokens of the prompts that may wait; beyond it requests are refused
   * @param defaultTimeout of requests that name none, for the whole text; 0 for none
   */
  public record Generation(
      int maxSequences, int stepTokens, int maxQueueTokens, Duration defaultTimeout) {
    public Generation {
      requireAtLeast("max_sequences", maxSequences, 1);
      requireAtLeast("step_tokens", stepTokens, 16);
      requireAtLeast("max_queue_tokens", maxQueueTokens, 1);
    }
  }

  /**
   * Sequences of models that carry state from request to request, when their model.yaml does not
   * say.
   *
   * @param idleTimeout after which a silent one is forgotten
   * @param maxSequences alive at a time, for each model version
   */
  public record Sequences(Duration idleTimeout, int maxSequences) {
    public Sequences {
      require(idleTimeout.isPositive(), "idle_timeout must be positive");
      requireAtLeast("max_sequences", maxSequences, 1);
    }
  }

  /**
   * What happens between loading and serving.
   *
   * @param enabled whether models run on made-up inputs until the compiler has seen them
   * @param maxTime for each version
   */
  public record Warmup(boolean enabled, Duration maxTime) {}

  /**
   * What is logged.
   *
   * @param level error, warning, info or debug
   * @param accessLog whether every answer gets a line of JSON on standard output
   */
  public record Logging(String level, boolean accessLog) {
    public Logging {
      require(
          level.matches("error|warning|info|debug"),
          "level must be error, warning, info or debug but is '" + level + "'");
    }
  }

  /**
   * What is measured and remembered.
   *
   * @param enabled whether anything is measured
   * @param tritonNames whether metrics have Triton's names as well
   * @param vllmNames whether metrics have vLLM's names as well
   * @param recentBatches that are remembered in full, for {@code /admin/batches}
   */
  public record Metrics(
      boolean enabled, boolean tritonNames, boolean vllmNames, int recentBatches) {
    public Metrics {
      require(
          recentBatches >= 0 && recentBatches <= 100_000,
          "recent_batches must be 0 to 100000 but is " + recentBatches);
    }
  }

  /**
   * Where traces go.
   *
   * @param endpoint of a collector that takes OTLP over HTTP; empty to export nothing
   * @param sampleShare of the traces begun here that are kept, 0 to 1
   */
  public record Tracing(String endpoint, double sampleShare) {
    public Tracing {
      require(
          endpoint.isEmpty() || endpoint.matches("https?://.+"),
          "endpoint must be a URL such as http://localhost:4318/v1/traces but is '"
              + endpoint
              + "'");
      require(
          sampleShare >= 0 && sampleShare <= 1,
          "sample_share must be 0 to 1 but is " + sampleShare);
    }
  }

  static void require(boolean claim, String message) {
    if (!claim) {
      throw new IllegalArgumentException(message);
    }
  }

  static void requireAtLeast(String key, int value, int least) {
    require(value >= least, key + " must be >= " + least + " but is " + value);
  }
}
