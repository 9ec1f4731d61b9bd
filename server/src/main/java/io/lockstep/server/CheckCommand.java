package io.lockstep.server;

import io.lockstep.server.config.ConfigCheck;
import io.lockstep.server.config.ConfigText;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code check}: says what is configured and everything that is wrong with it, serving nothing. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = "Shows the effective configuration and every problem with its line.")
final class CheckCommand implements Callable<Integer> {

  @Option(names = "--config", description = "File like config/server.yaml.")
  private @Nullable Path config;

  @Option(names = "--models", description = "Model folder whose model.yaml files to check too.")
  private @Nullable Path models;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    ConfigCheck.Report report = ConfigCheck.server(config, System.getenv());
    List<String> problems = new ArrayList<>(report.problems());
    String configured = report.effective().repository().models();
    if (models != null) {
      problems.addAll(ofModels(models));
    } else if (!configured.isEmpty()) {
      problems.addAll(ofModels(Path.of(configured)));
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(ConfigText.of(report.effective()));
    out.flush();
    PrintWriter err = spec.commandLine().getErr();
    problems.forEach(err::println);
    err.println(problems.isEmpty() ? "no problems" : "problems: " + problems.size());
    err.flush();
    return problems.isEmpty() ? 0 : 1;
  }

  private static List<String> ofModels(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of("there is no model folder " + folder);
    }
    try (Stream<Path> children = Files.list(folder)) {
      return children
          .map(child -> child.resolve("model.yaml"))
          .filter(Files::isRegularFile)
          .sorted()
          .flatMap(file -> ConfigCheck.model(file).stream())
          .toList();
    } catch (IOException problem) {
      throw new UncheckedIOException("cannot read " + folder, problem);
    }
  }
}
