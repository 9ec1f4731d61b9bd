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
import java.util.stream.Stream;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code check}: says what is configured and everything that is wrong with it, serving nothing. */
final class CheckCommand implements Command {

  @Override
  public String name() {
    return "check";
  }

  @Override
  public String description() {
    return "Shows the effective configuration and every problem with its line.";
  }

  @Override
  public Options options() {
    return new Options()
        .addOption(Command.option("config", "FILE", "File like config/server.yaml."))
        .addOption(
            Command.option("models", "DIR", "Model folder whose model.yaml files to check too."));
  }

  @Override
  public int run(CommandLine line, PrintWriter out, PrintWriter err) {
    String config = line.getOptionValue("config");
    String models = line.getOptionValue("models");
    ConfigCheck.Report report =
        ConfigCheck.server(config == null ? null : Path.of(config), System.getenv());
    List<String> problems = new ArrayList<>(report.problems());
    String configured = report.effective().repository().models();
    if (models != null) {
      problems.addAll(ofModels(Path.of(models)));
    } else if (!configured.isEmpty()) {
      problems.addAll(ofModels(Path.of(configured)));
    }
    out.print(ConfigText.of(report.effective()));
    problems.forEach(err::println);
    err.println(problems.isEmpty() ? "no problems" : "problems: " + problems.size());
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
