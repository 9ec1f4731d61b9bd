package io.lockstep.loadtest;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code lockstep bench}. */
@Command(
    name = "lockstep bench",
    description = "Measures running servers.",
    mixinStandardHelpOptions = true,
    subcommands = EmbeddingLoad.class)
public final class Main {

  private Main() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Main()).execute(arguments));
  }
}
