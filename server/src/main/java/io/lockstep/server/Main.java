package io.lockstep.server;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line. */
@Command(
    name = "lockstep",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "A batched model-inference server for the JVM.",
    subcommands = {
      ServeCommand.class,
      InspectCommand.class,
      CheckCommand.class,
      RehearseCommand.class
    })
public final class Main {

  private Main() {}

  /** Runs a command and exits with its status. */
  public static void main(String[] arguments) {
    // Before the first logger exists: what is logged while draining must still be written.
    System.setProperty("java.util.logging.manager", LingeringLogManager.class.getName());
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(new OneLineErrors());
  }
}
