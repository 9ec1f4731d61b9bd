package io.lockstep.loadtest.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of its own that serves HTTP on this machine, until closed. */
public final class ServerProcess implements AutoCloseable {

  private static final Duration READY_WITHIN = Duration.ofSeconds(60);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(10);
  private static final int POLL_MILLIS = 10;

  private final URI url;
  private final Process process;
  private Duration readyAfter = Duration.ZERO;

  private ServerProcess(URI url, Process process) {
    this.url = url;
    this.process = process;
  }

  /** Where a free port goes in a command line. */
  public static final String PORT = "{port}";

  /**
   * Starts a JVM with the flags in a file, and waits until it is ready.
   *
   * @param arguments of {@code java}, with {@link #PORT} for the port to listen on
   */
  public static ServerProcess start(Path flags, List<String> arguments) throws IOException {
    String port = Integer.toString(freePort());
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + flags);
    arguments.forEach(argument -> command.add(argument.replace(PORT, port)));
    final long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    ServerProcess server = new ServerProcess(URI.create("http://127.0.0.1:" + port), process);
    server.awaitReady();
    server.readyAfter = Duration.ofNanos(System.nanoTime() - start);
    return server;
  }

  public URI url() {
    return url;
  }

  /** How long after it was started it said that it is ready; seen at most 10 ms late. */
  public Duration readyAfter() {
    return readyAfter;
  }

  /** Processor time it has used, on all cores together. */
  public Duration processorTime() {
    return process.info().totalCpuDuration().orElseThrow();
  }

  private void awaitReady() throws IOException {
    HttpRequest request = HttpRequest.newBuilder(url.resolve("/v2/health/ready")).build();
    long deadline = System.nanoTime() + READY_WITHIN.toNanos();
    try (HttpClient client = HttpClient.newHttpClient()) {
      while (!isReady(client, request)) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          close();
          throw new IOException(url + " did not become ready: " + process.info());
        }
        process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + url, e);
    }
  }

  private static boolean isReady(HttpClient client, HttpRequest request)
      throws InterruptedException {
    try {
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false; // nobody listens yet
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
