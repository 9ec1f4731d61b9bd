package io.lockstep.server;

import java.io.IOException;
import java.io.PrintWriter;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;

/** A command of the command line. */
interface Command {

  String name();

  /** What it does, a sentence. */
  String description();

  /** All but those that every command has. */
  Options options();

  /** Names of the arguments behind the options, all of which must be there. */
  default String[] operands() {
    return new String[0];
  }

  /** Whether the help keeps silent about it. */
  default boolean isHidden() {
    return false;
  }

  /**
   * Runs it.
   *
   * @return the exit status
   * @throws ParseException when a value of an option is none
   */
  int run(CommandLine line, PrintWriter out, PrintWriter err)
      throws ParseException, IOException, InterruptedException;

  /** An option with a value. */
  static Option option(String name, String value, String description) {
    return Option.builder().longOpt(name).hasArg().argName(value).desc(description).get();
  }
}
