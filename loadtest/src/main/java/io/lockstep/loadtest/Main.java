package io.lockstep.loadtest;

import io.lockstep.loadtest.decode.DecodeBench;
import io.lockstep.loadtest.decode.PrefillBench;
import io.lockstep.loadtest.graph.GraphBench;
import io.lockstep.loadtest.overhead.OverheadBench;
import io.lockstep.loadtest.start.StartBench;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code lockstep bench}. */
@Command(
    name = "lockstep bench",
    description = "Measures running servers, and the engine beside its peers.",
    mixinStandardHelpOptions = true,
    subcommands = {
      HttpBench.class,
      KneeBench.class,
      TuneBench.class,
      OverheadBench.class,
      GraphBench.Kernels.class,
      GraphBench.Models.class,
      DecodeBench.class,
      PrefillBench.class,
      StartBench.class
    })
public final class Main {

  private Main() {}

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true);
  }
}
