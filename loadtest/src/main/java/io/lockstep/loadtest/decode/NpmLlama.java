package io.lockstep.loadtest.decode;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * llama.cpp as the npm package node-llama-cpp brings it, in a process of its own: a build for each
 * kind of processor, of which it takes the one that fits this machine.
 */
final class NpmLlama implements Contender {

  private static final int CONTEXT = 1024;
  private static final int STREAMS = 8;

  private final Process process;
  private final PrintWriter commands;
  private final BufferedReader answers;

  /**
   * @param installation where {@link #install} put the package
   * @param file of the model
   */
  NpmLlama(Path installation, Path file, int threads) throws IOException {
    List<String> command =
        List.of(
            "node",
            "contender.mjs",
            file.toAbsolutePath().toString(),
            Integer.toString(threads),
            Integer.toString(STREAMS),
            Integer.toString(CONTEXT));
    this.process =
        new ProcessBuilder(command)
            .directory(installation.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    this.commands = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    answer();
  }

  /**
   * Has npm fetch the package into a folder, unless it is there.
   *
   * @throws IOException when there is no npm, or it cannot
   */
  static void install(Path installation) throws IOException {
    Files.createDirectories(installation);
    for (String name : List.of("package.json", "contender.mjs")) {
      try (InputStream resource = NpmLlama.class.getResourceAsStream(name)) {
        Files.copy(resource, installation.resolve(name), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    List<String> command =
        List.of(
            "npm",
            "install",
            "--no-package-lock",
            "--omit=optional",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--prefer-offline");
    Process npm =
        new ProcessBuilder(command)
            .directory(installation.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      if (npm.waitFor() != 0) {
        throw new IOException("npm cannot install what " + installation + " asks for");
      }
    } catch (InterruptedException interrupted) {
      npm.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while npm installs", interrupted);
    }
  }

  @Override
  public double prefill(int tokens) {
    commands.println("prefill " + tokens);
    return Double.parseDouble(answer());
  }

  @Override
  public double decode(int streams, int tokens) {
    commands.println("decode " + streams + " " + tokens);
    return Double.parseDouble(answer());
  }

  private String answer() {
    try {
      String line = answers.readLine();
      if (line == null) {
        throw new IOException("the process of node-llama-cpp ended");
      }
      return line;
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
  }

  /** Ends the process, which ends with its input. */
  @Override
  public void close() {
    commands.close();
    try {
      process.waitFor();
    } catch (InterruptedException interrupted) {
      process.destroy();
      Thread.currentThread().interrupt();
    }
  }
}
