package io.lockstep.server;

import io.lockstep.runtime.error.ModelException;
import io.lockstep.server.config.ConfigException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;
import org.apache.commons.cli.help.HelpFormatter;
import org.apache.commons.cli.help.TextHelpAppendable;

/**
 * Finds the command that arguments name and runs it. Tells mistakes of the user in a line; only
 * faults of the program show where they happened.
 */
final class Commands {

  private static final int FAILED = 1;
  private static final int MISUSED = 2;

  private static final Option HELP =
      Option.builder("h").longOpt("help").desc("Shows this and exits.").get();
  private static final Option VERSION =
      Option.builder("V").longOpt("version").desc("Shows the version and exits.").get();

  private final List<Command> commands;
  private final PrintWriter out;
  private final PrintWriter err;

  Commands(List<Command> commands, PrintWriter out, PrintWriter err) {
    this.commands = List.copyOf(commands);
    this.out = out;
    this.err = err;
  }

  /** Runs the command; the exit status, 2 for arguments that make no sense. */
  int run(String... arguments) {
    int status = tryToRun(arguments);
    out.flush();
    err.flush();
    return status;
  }

  private int tryToRun(String... arguments) {
    String first = arguments.length == 0 ? "" : arguments[0];
    Optional<Command> named =
        commands.stream().filter(command -> command.name().equals(first)).findFirst();
    try {
      if (named.isPresent()) {
        return run(named.get(), Arrays.copyOfRange(arguments, 1, arguments.length));
      }
      CommandLine line = parse(new Options(), arguments);
      if (isAnswered(line)) {
        return 0;
      }
      if (line.hasOption(HELP)) {
        help();
        return 0;
      }
      throw new ParseException(
          line.getArgList().isEmpty() ? "no command is named" : "there is no command " + first);
    } catch (ParseException misuse) {
      err.println("lockstep: " + misuse.getMessage() + "; --help shows how it is used");
      return MISUSED;
    } catch (ConfigException | ModelException mistake) {
      err.println("lockstep: " + mistake.getMessage());
      return FAILED;
    } catch (IOException | InterruptedException | RuntimeException problem) {
      problem.printStackTrace(err);
      return FAILED;
    }
  }

  private int run(Command command, String... arguments)
      throws ParseException, IOException, InterruptedException {
    CommandLine line = parse(command.options(), arguments);
    if (isAnswered(line)) {
      return 0;
    }
    if (line.hasOption(HELP)) {
      help(command);
      return 0;
    }
    List<String> operands = List.of(command.operands());
    if (line.getArgList().size() != operands.size()) {
      throw new ParseException(
          "expected %s but found %s"
              .formatted(
                  operands.isEmpty() ? "options only" : String.join(" ", operands),
                  line.getArgList().isEmpty()
                      ? "nothing"
                      : "'" + String.join(" ", line.getArgList()) + "'"));
    }
    return command.run(line, out, err);
  }

  /** Options may stand anywhere, and are not cut short. */
  private static CommandLine parse(Options own, String... arguments) throws ParseException {
    return DefaultParser.builder().setAllowPartialMatching(false).get().parse(all(own), arguments);
  }

  private static Options all(Options own) {
    Options all = new Options().addOption(HELP).addOption(VERSION);
    own.getOptions().forEach(all::addOption);
    return all;
  }

  /** Whether the version was all that was asked for. */
  private boolean isAnswered(CommandLine line) {
    if (line.hasOption(VERSION)) {
      out.println(Version.text());
      return true;
    }
    return false;
  }

  private void help() {
    Stream<String> names =
        commands.stream()
            .filter(command -> !command.isHidden())
            .map(command -> "  %-10s %s".formatted(command.name(), command.description()));
    help("lockstep COMMAND", "A batched model-inference server for the JVM.", new Options());
    out.println();
    out.println("commands");
    names.forEach(out::println);
  }

  private void help(Command command) {
    String operands = String.join(" ", command.operands());
    help(
        ("lockstep " + command.name() + " [options] " + operands).strip(),
        command.description(),
        command.options());
  }

  private void help(String syntax, String description, Options own) {
    try {
      HelpFormatter.builder()
          .setHelpAppendable(new TextHelpAppendable(out))
          .setShowSince(false)
          .get()
          .printHelp(syntax, description, all(own), "", false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
