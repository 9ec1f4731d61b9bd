package io.lockstep.loadtest.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockstep.runtime.quant.BlockFormat;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The memory of a server process with a language model, as the operating system counts it. */
class ResidentMemoryTest {

  private static final Path ROOT = Path.of(System.getProperty("lockstep.root", ".."));
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final long MEGABYTE = 1 << 20;
  private static final long CACHE = 64 * MEGABYTE;

  /** What server, JVM and compilers may take beside the model. */
  private static final long REST = 300 * MEGABYTE;

  @TempDir private Path folder;

  private final HttpClient client = HttpClient.newHttpClient();
  private URI server = URI.create("http://127.0.0.1");

  @Test
  void servingTakesTheFileTheCacheAndLittleElseAndUnloadingGivesItBack() throws Exception {
    Path jar = serverJar();
    Path vocabulary =
        Path.of(System.getProperty("lockstep.testdata", "../../shared/testdata"))
            .resolve("tokenizers/ggml-vocab-llama-spm.gguf");
    assumeTrue(Files.exists(vocabulary), "skipped: no test data in " + vocabulary);
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "skipped: no /proc on this machine");
    Path models = Files.createDirectories(folder.resolve("models"));
    Path file =
        RandomModelFile.write(folder, ModelShape.of("768x12"), BlockFormat.Q8_0, vocabulary);
    long fileBytes = Files.size(file);
    assertTrue(fileBytes > 120 * MEGABYTE, "the model has only " + fileBytes + " bytes");
    Process process = start(jar, models);
    try {
      ready(process);
      long idle = residentBytes(process);
      Path version = Files.createDirectories(models.resolve("random/1"));
      Files.move(file, version.resolve("model.gguf"));
      Files.writeString(models.resolve("random/model.yaml"), "generation: { kv_cache: 64MiB }\n");
      post("/v2/repository/models/random/load", "{}");
      post("/v1/completions", "{\"model\": \"random\", \"prompt\": \"a\", \"max_tokens\": 30}");
      long serving = residentBytes(process);
      post("/v2/repository/models/random/unload", "{}");
      long after = settled(process, serving - fileBytes * 3 / 4);
      String found =
          "idle %d MB, serving %d MB, unloaded %d MB, file %d MB"
              .formatted(
                  idle / MEGABYTE, serving / MEGABYTE, after / MEGABYTE, fileBytes / MEGABYTE);
      System.out.println("resident memory: " + found);
      assertTrue(serving <= fileBytes + CACHE + REST, found);
      assertTrue(after <= serving - fileBytes * 3 / 4, found);
    } finally {
      process.destroy();
      if (!process.waitFor(1, TimeUnit.MINUTES)) {
        process.destroyForcibly();
      }
    }
  }

  /** The server as the build packed it, which this module does not depend on. */
  private static Path serverJar() throws IOException {
    Path target = ROOT.resolve("server/target");
    assumeTrue(Files.isDirectory(target.resolve("lib")), "skipped: the server is not packed");
    try (var files = Files.list(target)) {
      var jar =
          files
              .filter(
                  path -> path.getFileName().toString().matches("lockstep-server-[0-9.]+\\.jar"))
              .findFirst();
      assumeTrue(jar.isPresent(), "skipped: the server is not packed");
      return jar.get().toAbsolutePath();
    }
  }

  private Process start(Path jar, Path models) throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    server = URI.create("http://127.0.0.1:" + port);
    File log = folder.resolve("server.log").toFile();
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "@" + ROOT.resolve("config/jvm.options").toAbsolutePath().normalize(),
            "-jar",
            jar.toString(),
            "serve",
            "--models",
            models.toString(),
            "--port",
            Integer.toString(port))
        .redirectErrorStream(true)
        .redirectOutput(log)
        .start();
  }

  /** Asks until the server answers. */
  private void ready(Process process) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() - deadline < 0 && process.isAlive()) {
      try {
        if (client
                .send(request("/v2/health/live").build(), HttpResponse.BodyHandlers.discarding())
                .statusCode()
            == 200) {
          return;
        }
      } catch (IOException notYet) {
        Thread.onSpinWait();
      }
    }
    throw new AssertionError(Files.readString(folder.resolve("server.log")));
  }

  /** The memory once it has fallen to {@code wanted}, or after a while. */
  private long settled(Process process, long wanted) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (residentBytes(process) > wanted && System.nanoTime() - deadline < 0) {
      client.send(request("/metrics").build(), HttpResponse.BodyHandlers.discarding());
    }
    return residentBytes(process);
  }

  private void post(String path, String body) throws Exception {
    HttpRequest request = request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build();
    HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer.body());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(server.resolve(path)).timeout(PATIENCE);
  }

  private static long residentBytes(Process process) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
            .findFirst()
            .orElseThrow()
        * 1024;
  }
}
