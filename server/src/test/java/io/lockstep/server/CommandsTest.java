package io.lockstep.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.server.config.ConfigException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.junit.jupiter.api.Test;

/** Which command runs, with what, and what people are told. */
final class CommandsTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  /** Prints a greeting to its operand. */
  private static final class Greet implements Command {

    @Override
    public String name() {
      return "greet";
    }

    @Override
    public String description() {
      return "Greets.";
    }

    @Override
    public Options options() {
      return new Options().addOption(Command.option("with", "WORD", "The greeting."));
    }

    @Override
    public String[] operands() {
      return new String[] {"NAME"};
    }

    @Override
    public int run(CommandLine line, PrintWriter out, PrintWriter err) {
      String greeting = line.getOptionValue("with", "Hello");
      if (greeting.isEmpty()) {
        throw new ConfigException("the greeting is empty");
      }
      out.println(greeting + " " + line.getArgList().getFirst());
      return 7;
    }
  }

  private int run(String... arguments) {
    return new Commands(List.of(new Greet()), new PrintWriter(out), new PrintWriter(err))
        .run(arguments);
  }

  @Test
  void runsTheCommandNamedFirstAndGivesItsStatus() {
    assertEquals(7, run("greet", "--with", "Ahoy", "Ada"));
    assertEquals("Ahoy Ada\n", out.toString());
  }

  @Test
  void takesValuesBehindAnEqualsSign() {
    assertEquals(7, run("greet", "Ada", "--with=Ahoy"));
    assertEquals("Ahoy Ada\n", out.toString());
  }

  @Test
  void refusesUnknownOptionsWithALineThatNamesThem() {
    assertEquals(2, run("greet", "--wi", "Ahoy", "Ada"));
    assertEquals(1, err.toString().lines().count(), err.toString());
    assertTrue(err.toString().contains("--wi"), err.toString());
  }

  @Test
  void refusesOperandsThatAreMissingOrTooMany() {
    assertEquals(2, run("greet"));
    assertTrue(err.toString().contains("expected NAME but found nothing"), err.toString());
    assertEquals(2, run("greet", "Ada", "Grace"));
    assertTrue(err.toString().contains("'Ada Grace'"), err.toString());
  }

  @Test
  void refusesUnknownCommandsAndNone() {
    assertEquals(2, run("meet"));
    assertTrue(err.toString().contains("there is no command meet"), err.toString());
    assertEquals(2, run());
    assertTrue(err.toString().contains("no command is named"), err.toString());
  }

  @Test
  void tellsMistakesOfTheUserInALine() {
    assertEquals(1, run("greet", "--with=", "Ada"));
    assertEquals("lockstep: the greeting is empty\n", err.toString());
  }

  @Test
  void helpShowsCommandsAndTheirOptions() {
    assertEquals(0, run("--help"));
    assertTrue(out.toString().contains("greet      Greets."), out.toString());
    assertEquals(0, run("greet", "--help"));
    assertTrue(out.toString().contains("--with"), out.toString());
    assertTrue(out.toString().contains("lockstep greet [options] NAME"), out.toString());
    assertFalse(out.toString().contains("Hello"), "it does not run");
  }

  @Test
  void showsItsVersion() {
    assertEquals(0, run("--version"));
    assertTrue(out.toString().startsWith("Lockstep "), out.toString());
  }
}
