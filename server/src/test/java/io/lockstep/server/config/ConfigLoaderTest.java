package io.lockstep.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigLoaderTest {

  private static final Path DOCUMENTED =
      Path.of(System.getProperty("lockstep.root"), "config", "server.yaml");

  @TempDir Path folder;

  @Test
  void documentedFileIsTheDefaults() {
    assertEquals(ServerConfig.DEFAULTS, ConfigLoader.server(DOCUMENTED, Map.of()));
  }

  @Test
  void documentedFileNamesEveryKeyWithAComment() throws IOException {
    List<String> lines = Files.readAllLines(DOCUMENTED);
    for (var section : ServerConfig.class.getRecordComponents()) {
      assertTrue(lines.contains(section.getName() + ":"), section.getName());
      for (var component : section.getType().getRecordComponents()) {
        String key = "  " + RecordBinder.snakeCase(component.getName()) + ":";
        int line =
            lines.indexOf(lines.stream().filter(l -> l.startsWith(key)).findFirst().orElse(""));
        assertTrue(line > 0 && lines.get(line - 1).strip().startsWith("#"), key);
      }
    }
  }

  @Test
  void defaultsAndKeysAreWhatTheyWere() {
    pin("server.host", "::1", c -> c.server().host(), "::1", "0.0.0.0");
    pin("server.port", "81", c -> c.server().port(), 81, 8080);
    pin("server.idle_timeout", "5s", c -> c.server().idleTimeout(), seconds(5), seconds(60));
    pin("server.drain_timeout", "1m", c -> c.server().drainTimeout(), seconds(60), seconds(30));
    pin("repository.models", "/m", c -> c.repository().models(), "/m", "");
    pin(
        "repository.poll_interval",
        "2s",
        c -> c.repository().pollInterval(),
        seconds(2),
        seconds(0));
    pin("limits.max_body", "1MiB", c -> c.limits().maxBody(), mebibytes(1), mebibytes(64));
    pin("limits.max_tensor", "1GiB", c -> c.limits().maxTensor(), mebibytes(1024), mebibytes(64));
    pin("limits.max_json_depth", "9", c -> c.limits().maxJsonDepth(), 9, 64);
    pin("limits.max_concurrent_requests", "9", c -> c.limits().maxConcurrentRequests(), 9, 1024);
    pin("limits.max_texts", "9", c -> c.limits().maxTexts(), 9, 2048);
    pin("limits.default_timeout", "9s", c -> c.limits().defaultTimeout(), seconds(9), seconds(60));
    pin("compute.threads", "3", c -> c.compute().threads(), 3, 0);
    pin(
        "compute.kernels",
        "scalar",
        c -> c.compute().kernels(),
        ServerConfig.Kernels.SCALAR,
        ServerConfig.Kernels.AUTO);
    pin("compute.plan_cache", "3", c -> c.compute().planCache(), 3, 64);
    pin("compute.max_tensor", "3MiB", c -> c.compute().maxTensor(), mebibytes(3), mebibytes(1024));
    pin("batching.max_batch_size", "3", c -> c.batching().maxBatchSize(), 3, 32);
    pin("batching.max_batch_tokens", "3", c -> c.batching().maxBatchTokens(), 3, 4096);
    pin(
        "batching.max_queue_delay",
        "500us",
        c -> c.batching().maxQueueDelay(),
        Duration.ofNanos(500_000),
        Duration.ZERO);
    pin("batching.max_queue_size", "3", c -> c.batching().maxQueueSize(), 3, 1024);
    pin("batching.instances", "3", c -> c.batching().instances(), 3, 1);
    pin("warmup.enabled", "false", c -> c.warmup().enabled(), false, true);
    pin("warmup.max_time", "3s", c -> c.warmup().maxTime(), seconds(3), seconds(5));
    pin("logging.level", "debug", c -> c.logging().level(), "debug", "info");
    pin("logging.access_log", "true", c -> c.logging().accessLog(), true, false);
    pin("metrics.enabled", "false", c -> c.metrics().enabled(), false, true);
    pin("metrics.triton_names", "true", c -> c.metrics().tritonNames(), true, false);
    pin("metrics.vllm_names", "true", c -> c.metrics().vllmNames(), true, false);
    pin("metrics.recent_batches", "9", c -> c.metrics().recentBatches(), 9, 256);
    pin("tracing.endpoint", "http://c/t", c -> c.tracing().endpoint(), "http://c/t", "");
    pin("tracing.sample_share", "0.5", c -> c.tracing().sampleShare(), 0.5, 1.0);
  }

  /** A key set in the file, and by a variable, and left out. */
  private <T> void pin(
      String path, String text, Function<ServerConfig, T> get, T expected, T standard) {
    String section = path.substring(0, path.indexOf('.'));
    String key = path.substring(path.indexOf('.') + 1);
    String yaml = section + ":\n  " + key + ": " + (text.contains(":") ? "'" + text + "'" : text);
    assertEquals(expected, get.apply(server(yaml, Map.of())), path);
    String variable = "LOCKSTEP_" + path.replace('.', '_').toUpperCase(java.util.Locale.ROOT);
    assertEquals(expected, get.apply(server("", Map.of(variable, text))), variable);
    assertEquals(standard, get.apply(server("", Map.of())), path);
  }

  @Test
  void variablesOverrideTheFile() {
    ServerConfig config =
        server("server:\n  port: 1\n  host: a", Map.of("LOCKSTEP_SERVER_PORT", "2"));
    assertEquals(2, config.server().port());
    assertEquals("a", config.server().host());
  }

  @Test
  void unknownKeyIsRefusedWithTheNearestOne() {
    refuses(
        "batching:\n  max_batchsize: 3",
        "unknown key 'max_batchsize', did you mean 'max_batch_size'?");
    refuses("batchin:\n  max_batch_size: 3", "unknown key 'batchin', did you mean 'batching'?");
    String message =
        assertThrows(ConfigException.class, () -> server("", Map.of("LOCKSTEP_SERVER_PROT", "1")))
            .getMessage();
    assertTrue(message.contains("LOCKSTEP_SERVER_PROT: unknown key 'prot', did you mean 'port'?"));
  }

  @Test
  void wrongValuesAreRefusedWithTheirKey() {
    refuses("server:\n  port: many", "server: port: expected a whole number but found 'many'");
    refuses("server:\n  port: 70000", "port must be 0 to 65535 but is 70000");
    refuses("server: 3", "server: expected keys and values but found '3'");
    refuses("server:\n  port: [1]", "port takes a single value");
    refuses("warmup:\n  enabled: maybe", "expected true or false but found 'maybe'");
    refuses("warmup:\n  max_time: 3 parsecs", "expected a duration such as");
    refuses("limits:\n  max_body: 3 stone", "expected a size such as");
    refuses(
        "compute:\n  kernels: fast", "expected one of auto, scalar, vector, jit but found 'fast'");
    refuses("server:\n  port: 1\n  port: 2", "uplicate");
    refuses("- a", "expected keys and values");
    refuses("a: [", "is not YAML");
  }

  @Test
  void modelFileNamesTheStateOfAModel() {
    ModelConfig config =
        model(
            """
            state:
              - { input: h, output: hn }
              - { input: c, output: cn, initial: cell.bin }
            sequences:
              idle_timeout: 5m
            """);
    assertEquals(
        List.of(
            new ModelConfig.State("h", "hn", ModelConfig.State.ZEROS),
            new ModelConfig.State("c", "cn", "cell.bin")),
        config.state());
    assertEquals(Duration.ofMinutes(5), config.sequences().idleTimeout());
    assertEquals(null, config.sequences().maxSequences());
    assertEquals(List.of(), model("state: []").state());
    assertEquals(null, model("").state());
    for (String[] wrong :
        new String[][] {
          {"state: [{input: h}]", "a state needs an input and an output"},
          {"state: [{input: h, output: hn, intial: zeros}]", "did you mean 'initial'"},
          {"state: [h]", "expected keys and values"},
          {"sequences: {max_sequences: 0}", "max_sequences must be >= 1"},
        }) {
      String message = assertThrows(ConfigException.class, () -> model(wrong[0])).getMessage();
      assertTrue(message.contains(wrong[1]), message);
    }
  }

  @Test
  void modelFileSetsWhatItNamesAndLeavesTheRest() {
    ModelConfig config =
        model(
            """
            description: a model
            task: embedding
            pooling: cls
            normalize: false
            max_length: 128
            version_policy: [1, 3]
            batching:
              max_batch_size: 8
              length_buckets: [16, 64]
              mode: same_shape
            """);
    assertEquals("a model", config.description());
    assertEquals(io.lockstep.server.serving.Task.EMBEDDING, config.task());
    assertEquals(io.lockstep.server.serving.Pooling.CLS, config.pooling());
    assertEquals(false, config.normalize());
    assertEquals(128, config.maxLength());
    assertEquals(new VersionPolicy.Specific(List.of(1L, 3L)), config.versionPolicy());
    assertEquals(8, config.batching().maxBatchSize());
    assertEquals(List.of(16, 64), config.batching().lengthBuckets());
    assertEquals(ModelConfig.Mode.SAME_SHAPE, config.batching().mode());
    assertEquals(null, config.batching().maxQueueDelay());
    assertEquals(ModelConfig.DEFAULTS, model(""));
    assertEquals(ModelConfig.DEFAULTS, ConfigLoader.model(folder.resolve("missing.yaml")));
  }

  @Test
  void versionPoliciesSelectFromWhatThereIs() {
    List<Long> versions = List.of(1L, 2L, 5L);
    assertEquals(List.of(5L), VersionPolicy.parse("latest").select(versions));
    assertEquals(List.of(2L, 5L), VersionPolicy.parse("latest(2)").select(versions));
    assertEquals(versions, VersionPolicy.parse("latest(9)").select(versions));
    assertEquals(versions, VersionPolicy.parse("all").select(versions));
    assertEquals(List.of(1L, 5L), VersionPolicy.parse("5, 1, 7").select(versions));
    for (String wrong : Arrays.asList("newest", "latest(0)", "1,,2", "")) {
      assertThrows(IllegalArgumentException.class, () -> VersionPolicy.parse(wrong), wrong);
    }
  }

  @Test
  void sizesAreWrittenAsTheyAreRead() {
    Stream.of("0B", "7B", "3KiB", "64MiB", "2GiB", "1025KiB")
        .forEach(text -> assertEquals(text, ByteSize.parse(text).toString()));
    assertEquals(1000, ByteSize.parse("1000").bytes());
  }

  private void refuses(String yaml, String part) {
    String message = assertThrows(ConfigException.class, () -> server(yaml, Map.of())).getMessage();
    assertTrue(message.contains(part), message);
  }

  private ServerConfig server(String yaml, Map<String, String> environment) {
    return ConfigLoader.server(write(yaml), environment);
  }

  private ModelConfig model(String yaml) {
    return ConfigLoader.model(write(yaml));
  }

  private Path write(String yaml) {
    try {
      return Files.writeString(folder.resolve("file.yaml"), yaml);
    } catch (IOException problem) {
      throw new java.io.UncheckedIOException(problem);
    }
  }

  private static Duration seconds(long count) {
    return Duration.ofSeconds(count);
  }

  private static ByteSize mebibytes(long count) {
    return ByteSize.ofMebibytes(count);
  }
}
