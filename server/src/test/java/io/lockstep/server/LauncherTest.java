package io.lockstep.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shell scripts that start the server and the build, run for real where there is a shell. */
final class LauncherTest {

  private static final Path SHELL = Path.of("/bin/sh");
  private static final Path ROOT =
      Path.of(System.getProperty("lockstep.root", "..")).toAbsolutePath().normalize();

  /** How a script ended; both streams in one. */
  private record Outcome(int status, String output) {}

  @BeforeAll
  static void needsAShell() {
    assumeTrue(Files.isExecutable(SHELL), "there is no /bin/sh on this machine");
  }

  @ParameterizedTest
  @ValueSource(strings = {"lockstep", "mvnw", ".mvn/find-jdk.sh", ".ci/run"})
  void isAWellFormedScript(String script) throws Exception {
    assertEquals(new Outcome(0, ""), shell(Map.of(), "-n", ROOT.resolve(script).toString()));
  }

  @Test
  void explainsItselfWithoutAnyJdk() throws Exception {
    Outcome outcome = launcher(bareMachine(""), "--help");
    assertEquals(0, outcome.status(), outcome.output());
    assertTrue(outcome.output().contains("./lockstep serve [--host H]"), outcome.output());
    assertTrue(outcome.output().contains("./lockstep test"), outcome.output());
  }

  @ParameterizedTest
  @ValueSource(strings = {"serve", "test"})
  void saysInOneSentenceWhatToInstall(String command) throws Exception {
    Outcome outcome = launcher(bareMachine(""), command);
    assertEquals(1, outcome.status(), outcome.output());
    assertTrue(outcome.output().startsWith("Lockstep needs a JDK 25: install"), outcome.output());
    assertEquals(1, outcome.output().lines().count(), outcome.output());
  }

  @Test
  void findsAJdkAmongOtherVersions(@TempDir Path folder) throws Exception {
    fakeJdk(folder.resolve("a-jdk-17"), "17.0.15");
    fakeJdk(folder.resolve("b-jdk-250"), "250.0.1");
    Path wanted = fakeJdk(folder.resolve("c jdk 25"), "25.0.3");
    fakeJdk(folder.resolve("d-jdk-26"), "26");
    assertEquals(new Outcome(0, wanted + "\n"), findJdk(bareMachine(folder.toString())));
  }

  @Test
  void prefersJavaHomeUnlessItIsOfAnotherVersion(@TempDir Path folder) throws Exception {
    Path found = fakeJdk(folder.resolve("found"), "25");
    Path chosen = fakeJdk(folder.resolve("elsewhere/chosen"), "25.0.1");
    Path older = fakeJdk(folder.resolve("elsewhere/older"), "21.0.2");
    assertEquals(
        new Outcome(0, chosen + "\n"),
        findJdk(withJavaHome(bareMachine(folder.toString()), chosen)));
    assertEquals(
        new Outcome(0, found + "\n"), findJdk(withJavaHome(bareMachine(folder.toString()), older)));
  }

  @Test
  void ignoresARuntimeThatCannotCompile(@TempDir Path folder) throws Exception {
    Path runtime = fakeJdk(folder.resolve("jre"), "25");
    Files.delete(runtime.resolve("bin/javac"));
    assertEquals(1, findJdk(bareMachine(folder.toString())).status());
  }

  @Test
  void startsTheJarThatTheBuildMakes() throws IOException {
    String version =
        Files.readString(ROOT.resolve("pom.xml"))
            .replaceFirst("(?s).*?<version>([^<]*)</version>.*", "$1");
    assertTrue(Files.readString(ROOT.resolve("lockstep")).contains("\nversion=" + version + "\n"));
    assertTrue(
        Files.readString(ROOT.resolve("Dockerfile"))
            .contains("lockstep-server-" + version + ".jar"));
  }

  @Test
  void rehearsesAgainOnlyWhenTheJarIsNewerThanTheLastRehearsal(@TempDir Path folder)
      throws Exception {
    Path project = builtProject(folder.resolve("project"));
    Path jdk = fakeJdk(folder.resolve("jdk"), "25");
    Path calls = folder.resolve("calls");
    Files.writeString(
        jdk.resolve("bin/java"), "#!/bin/sh\nprintf '%s\\n' \"$*\" >>'" + calls + "'\n");
    Map<String, String> machine = Map.of("PATH", "/usr/bin:/bin", "JAVA_HOME", jdk.toString());

    assertEquals(List.of("rehearse", "check"), commands(project, machine, calls));
    assertEquals(List.of("check"), commands(project, machine, calls));
    Files.setLastModifiedTime(
        project.resolve(serverJar()), FileTime.from(Instant.now().plusSeconds(60)));
    assertEquals(List.of("rehearse", "check"), commands(project, machine, calls));
  }

  /** The commands that {@code lockstep check} gives to Java. */
  private static List<String> commands(Path project, Map<String, String> machine, Path calls)
      throws Exception {
    Files.deleteIfExists(calls);
    Outcome outcome = shell(machine, project.resolve("lockstep").toString(), "check");
    assertEquals(0, outcome.status(), outcome.output());
    return Files.readAllLines(calls).stream()
        .map(call -> call.replaceFirst(".*-jar \\S+ (\\w+).*", "$1"))
        .toList();
  }

  /** A project whose build is done, as far as the launcher can see. */
  private static Path builtProject(Path project) throws IOException {
    for (String file : List.of("lockstep", ".mvn/find-jdk.sh", "config/jvm.options")) {
      Path copy = project.resolve(file);
      Files.createDirectories(copy.getParent());
      Files.copy(ROOT.resolve(file), copy);
    }
    Files.createDirectories(project.resolve("models/target/repository"));
    Files.createDirectories(project.resolve("server/target/lib"));
    Files.createFile(project.resolve(serverJar()));
    Files.createDirectories(project.resolve(".lockstep"));
    Path stamp = Files.createFile(project.resolve(".lockstep/built"));
    Files.setLastModifiedTime(stamp, FileTime.from(Instant.now().plusSeconds(60)));
    return project;
  }

  private static String serverJar() throws IOException {
    String version =
        Files.readString(ROOT.resolve("lockstep")).replaceFirst("(?s).*?\nversion=(\\S+).*", "$1");
    return "server/target/lockstep-server-" + version + ".jar";
  }

  @Test
  void passesFlagsThatThisJvmTakes() throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin/java");
    Outcome outcome =
        run(
            Map.of(),
            Stream.of(java.toString(), "@" + ROOT.resolve("config/jvm.options"), "-version"));
    assertEquals(0, outcome.status(), outcome.output());
  }

  /** A machine with nothing on the PATH and JDKs in {@code folders} alone. */
  private static Map<String, String> bareMachine(String folders) {
    return Map.of("PATH", "", "HOME", "/nonexistent", "LOCKSTEP_JDK_FOLDERS", folders);
  }

  private static Map<String, String> withJavaHome(Map<String, String> machine, Path home) {
    Map<String, String> changed = new HashMap<>(machine);
    changed.put("JAVA_HOME", home.toString());
    return changed;
  }

  private static Path fakeJdk(Path home, String version) throws IOException {
    Files.createDirectories(home.resolve("bin"));
    for (String tool : List.of("java", "javac")) {
      Path script = Files.writeString(home.resolve("bin").resolve(tool), "#!/bin/sh\nexit 1\n");
      assertTrue(script.toFile().setExecutable(true));
    }
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    return home;
  }

  private static Outcome findJdk(Map<String, String> environment) throws Exception {
    String script = ". \"$0\"; find_jdk && printf '%s\\n' \"$jdk_home\"";
    return shell(environment, "-c", script, ROOT.resolve(".mvn/find-jdk.sh").toString());
  }

  private static Outcome launcher(Map<String, String> environment, String command)
      throws Exception {
    return shell(environment, ROOT.resolve("lockstep").toString(), command);
  }

  private static Outcome shell(Map<String, String> environment, String... arguments)
      throws Exception {
    return run(environment, Stream.concat(Stream.of(SHELL.toString()), Stream.of(arguments)));
  }

  /** Runs a command in the given environment and no other. */
  private static Outcome run(Map<String, String> environment, Stream<String> command)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command.toList()).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), output);
  }
}
