package io.lockstep.server;

import io.lockstep.runtime.error.ModelException;
import io.lockstep.server.config.ConfigException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Tells mistakes of the user in a line; only faults of the program show where they happened. */
final class OneLineErrors implements IExecutionExceptionHandler {

  @Override
  public int handleExecutionException(
      Exception problem, CommandLine commandLine, ParseResult parsed) throws Exception {
    if (problem instanceof ConfigException || problem instanceof ModelException) {
      commandLine.getErr().println("lockstep: " + problem.getMessage());
      return 1;
    }
    throw problem;
  }
}
