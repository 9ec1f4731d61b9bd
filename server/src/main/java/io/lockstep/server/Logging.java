package io.lockstep.server;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Sets up logging: one line a record, on standard error. */
final class Logging {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", Locale.ROOT)
          .withZone(ZoneId.systemDefault());

  /** Libraries that tell at INFO what only their authors want to know. */
  private static final String[] TALKATIVE = {"org.eclipse.jetty", "io.javalin"};

  private Logging() {}

  /** Installs the handler; {@code level} as in the configuration. */
  static void install(String level) {
    Logger root = Logger.getLogger("");
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    Handler console = new ConsoleHandler();
    console.setLevel(Level.ALL);
    console.setFormatter(new OneLine());
    root.addHandler(console);
    Level chosen = level(level);
    root.setLevel(chosen);
    for (String name : TALKATIVE) {
      if (chosen.intValue() >= Level.INFO.intValue()) {
        Logger.getLogger(name).setLevel(Level.WARNING);
      }
    }
  }

  private static Level level(String level) {
    return switch (level) {
      case "error" -> Level.SEVERE;
      case "warning" -> Level.WARNING;
      case "debug" -> Level.FINE;
      default -> Level.INFO;
    };
  }

  /** Time, level, the class that logs without its package, message; a stack trace below it. */
  static final class OneLine extends Formatter {

    @Override
    public String format(LogRecord record) {
      String logger = record.getLoggerName() == null ? "" : record.getLoggerName();
      StringBuilder line = new StringBuilder(160);
      line.append(TIME.format(record.getInstant()))
          .append(' ')
          .append(name(record.getLevel()))
          .append(' ')
          .append(logger.substring(logger.lastIndexOf('.') + 1))
          .append(": ")
          .append(formatMessage(record).replace('\n', ' ').replace('\r', ' '))
          .append(System.lineSeparator());
      if (record.getThrown() != null) {
        StringWriter trace = new StringWriter();
        record.getThrown().printStackTrace(new PrintWriter(trace));
        line.append(trace);
      }
      return line.toString();
    }

    private static String name(Level level) {
      if (level.intValue() >= Level.SEVERE.intValue()) {
        return "ERROR";
      }
      if (level.intValue() >= Level.WARNING.intValue()) {
        return "WARN ";
      }
      return level.intValue() >= Level.INFO.intValue() ? "INFO " : "DEBUG";
    }
  }
}
