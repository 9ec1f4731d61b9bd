package io.lockstep.server;

import io.lockstep.server.config.ConfigException;
import io.lockstep.server.config.ConfigLoader;
import io.lockstep.server.config.ServerConfig;
import java.io.PrintWriter;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;
import org.jspecify.annotations.Nullable;

/** {@code serve}: serves a repository until the stop signal comes. */
final class ServeCommand implements Command {

  private static final Logger LOGGER = System.getLogger(ServeCommand.class.getName());

  @Override
  public String name() {
    return "serve";
  }

  @Override
  public String description() {
    return "Serves the models of a repository, or the built-in ones.";
  }

  @Override
  public Options options() {
    return new Options()
        .addOption(Command.option("host", "H", "Address to listen on; overrides server.host."))
        .addOption(Command.option("port", "P", "Port, 0 for any; overrides server.port."))
        .addOption(Command.option("models", "DIR", "Model folder; overrides repository.models."))
        .addOption(Command.option("config", "FILE", "File like config/server.yaml."))
        .addOption(
            Command.option(
                "kernels",
                "auto|scalar|vector|jit",
                "Kernels that models run on; overrides compute.kernels."));
  }

  @Override
  public int run(CommandLine line, PrintWriter out, PrintWriter err)
      throws ParseException, InterruptedException {
    String config = line.getOptionValue("config");
    ServerConfig read =
        ConfigLoader.server(config == null ? null : Path.of(config), System.getenv());
    ServerConfig.Server address =
        read.server()
            .withAddress(
                line.getOptionValue("host", read.server().host()),
                port(line.getOptionValue("port"), read));
    ServerConfig effective = withKernels(line.getOptionValue("kernels"), read.withServer(address));
    Logging.install(effective.logging().level());
    LockstepServer server =
        LockstepServer.startLoading(effective, folder(line.getOptionValue("models"), effective));
    // The JVM would report the signal as its exit status; a server that drained has succeeded.
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("drain")
                .unstarted(() -> {
                  server.close();
                  LOGGER.log(Logger.Level.INFO, "stopped");
                  Runtime.getRuntime().halt(0);
                }));
    server.loadModels();
    new CountDownLatch(1).await();
    return 0;
  }

  private static int port(@Nullable String given, ServerConfig read) throws ParseException {
    try {
      return given == null ? read.server().port() : Integer.parseInt(given);
    } catch (NumberFormatException e) {
      throw new ParseException("--port: expected a number but found '" + given + "'");
    }
  }

  private static ServerConfig withKernels(@Nullable String kernels, ServerConfig read) {
    if (kernels == null) {
      return read;
    }
    for (ServerConfig.Kernels choice : ServerConfig.Kernels.values()) {
      if (choice.name().equalsIgnoreCase(kernels)) {
        return read.withKernels(choice);
      }
    }
    throw new ConfigException(
        "--kernels: expected one of auto, scalar, vector, jit but found '" + kernels + "'");
  }

  private static Path folder(@Nullable String models, ServerConfig effective) {
    if (models != null) {
      return Path.of(models);
    }
    if (!effective.repository().models().isEmpty()) {
      return Path.of(effective.repository().models());
    }
    Path builtIn =
        Path.of(System.getProperty("lockstep.home", "."), "models", "target", "repository");
    if (!Files.isDirectory(builtIn)) {
      throw new ConfigException(
          "there are no built-in models in " + builtIn + "; name a folder with --models");
    }
    return builtIn;
  }
}
