package io.lockstep.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.RuntimeOptions.KernelChoice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class VectorModuleTest {

  /** What runs in a JVM of its own: prints which kernels it gets when it asks for vectors. */
  static final class Program {

    private Program() {}

    public static void main(String[] arguments) {
      System.out.println(KernelBackends.select(KernelChoice.VECTOR).kernels().name());
    }
  }

  @Test
  void joinsAJvmThatStartedWithoutIt() throws Exception {
    assertEquals("vector", kernels("--add-exports=java.base/jdk.internal.module=ALL-UNNAMED"));
  }

  @Test
  void isLeftOutWhereTheProgramDoesNotOpenTheWay() throws Exception {
    assertEquals("scalar", kernels("-Xshare:auto"));
  }

  private static String kernels(String flag) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.add(flag);
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Program.class.getName());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertEquals(0, process.waitFor(), output);
    return output;
  }
}
