package io.lockstep.server;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.List;

/** The command line. */
public final class Main {

  private Main() {}

  /** Runs a command and exits with its status. */
  public static void main(String[] arguments) {
    // Before the first logger exists: what is logged while draining must still be written.
    System.setProperty("java.util.logging.manager", LingeringLogManager.class.getName());
    Charset charset = System.out.charset();
    PrintWriter out = new PrintWriter(System.out, true, charset);
    PrintWriter err = new PrintWriter(System.err, true, charset);
    System.exit(commands(out, err).run(arguments));
  }

  static Commands commands(PrintWriter out, PrintWriter err) {
    List<Command> commands =
        List.of(
            new ServeCommand(), new InspectCommand(), new CheckCommand(), new RehearseCommand());
    return new Commands(commands, out, err);
  }
}
