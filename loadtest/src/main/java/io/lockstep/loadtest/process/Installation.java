package io.lockstep.loadtest.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The project's own folder, as the launcher names it: the server's jar and its JVM's flags. */
public final class Installation {

  private Installation() {}

  /** The built-in models. */
  public static Path builtInModels() {
    return home().resolve("models").resolve("target").resolve("repository");
  }

  /** The flags of the server's JVM, for {@code java @FILE}. */
  public static Path jvmFlags() {
    return home().resolve("config").resolve("jvm.options");
  }

  /** Starts a server with the models of a folder and further arguments of {@code serve}. */
  public static ServerProcess serve(Path models, String... arguments) throws IOException {
    return serve(List.of(), models, arguments);
  }

  /** Whether the launcher has filled an AOT cache of the JVM. */
  public static boolean hasCache() {
    return Files.exists(cache());
  }

  /** Starts a server as the launcher does, with the AOT cache. */
  public static ServerProcess serveCached(Path models) throws IOException {
    return serve(List.of("-XX:AOTCache=" + cache(), "-Xlog:aot=off", "-Xlog:cds=off"), models);
  }

  private static ServerProcess serve(List<String> flags, Path models, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(flags);
    command.addAll(
        List.of(
            "-Dlockstep.home=" + home(),
            "-jar",
            System.getProperty("lockstep.server.jar", "missing"),
            "serve",
            "--host",
            "127.0.0.1",
            "--port",
            ServerProcess.PORT,
            "--models",
            models.toString()));
    command.addAll(List.of(arguments));
    return ServerProcess.start(jvmFlags(), command);
  }

  private static Path cache() {
    return home().resolve(".lockstep").resolve("lockstep.aot");
  }

  private static Path home() {
    return Path.of(System.getProperty("lockstep.home", "."));
  }
}
