package io.lockstep.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockstep.runtime.KernelBackends;
import io.lockstep.runtime.RuntimeOptions.KernelChoice;
import io.lockstep.server.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher and the container image run so that later starts are quick. */
class RehearsalIT {

  /** A JVM cannot keep classes of a module that joins it later: there would be no cache at all. */
  @Test
  void emittedKernelsRehearseWithoutTheVectorApi(@TempDir Path folder)
      throws IOException, InterruptedException {
    assumeTrue(KernelBackends.select(KernelChoice.AUTO).emitted(), "no emitted kernels here");
    Path classes = folder.resolve("classes.log");
    Path output = folder.resolve("output.log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "@../config/jvm.options",
                // as the manifest of the server's jar says
                "--add-exports=java.base/jdk.internal.module=ALL-UNNAMED",
                "-Xlog:class+load:file=" + classes,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "rehearse",
                "--models",
                BuiltInServer.repository().toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertEquals(0, process.waitFor(), () -> read(output));
    assertTrue(read(output).contains("jit-"), () -> read(output));
    List<String> loaded = Files.readAllLines(classes);
    assertTrue(loaded.stream().anyMatch(line -> line.contains("LockstepServer")));
    assertFalse(
        loaded.stream().anyMatch(line -> line.contains("io.lockstep.runtime.kernel.vector.")),
        "classes of vector kernels were loaded");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
