package io.lockstep.server;

import io.lockstep.server.config.ConfigException;
import io.lockstep.server.config.ConfigLoader;
import io.lockstep.server.config.ServerConfig;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code serve}: serves a repository until the stop signal comes. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = "Serves the models of a repository, or the built-in ones.")
final class ServeCommand implements Callable<Integer> {

  private static final Logger LOGGER = System.getLogger(ServeCommand.class.getName());

  @Option(names = "--host", description = "Address to listen on; overrides server.host.")
  private @Nullable String host;

  @Option(names = "--port", description = "Port, 0 for any; overrides server.port.")
  private @Nullable Integer port;

  @Option(names = "--models", description = "Model folder; overrides repository.models.")
  private @Nullable Path models;

  @Option(names = "--config", description = "File like config/server.yaml.")
  private @Nullable Path config;

  @Option(
      names = "--kernels",
      paramLabel = "auto|scalar|vector|jit",
      description = "Kernels that models run on; overrides compute.kernels.")
  private @Nullable String kernels;

  private ServerConfig withKernels(ServerConfig read) {
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

  @Override
  public Integer call() throws InterruptedException {
    ServerConfig read = ConfigLoader.server(config, System.getenv());
    ServerConfig.Server address =
        read.server()
            .withAddress(
                host == null ? read.server().host() : host,
                port == null ? read.server().port() : port);
    ServerConfig effective = withKernels(read.withServer(address));
    Logging.install(effective.logging().level());
    LockstepServer server = LockstepServer.start(effective, folder(effective));
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

  private Path folder(ServerConfig effective) {
    if (models != null) {
      return models;
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
