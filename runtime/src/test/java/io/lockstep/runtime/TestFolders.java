package io.lockstep.runtime;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where tests find what is not part of the sources. */
public final class TestFolders {

  private TestFolders() {}

  /** Something in the shared test data; the test is skipped where it is missing. */
  public static Path testdata(String name) {
    return required("lockstep.testdata", "../../shared/testdata", name);
  }

  /** Something that the models module has unpacked; the test is skipped where it is missing. */
  public static Path models(String name) {
    return required("lockstep.models", "../models/target", name);
  }

  private static Path required(String property, String fallback, String name) {
    Path path = Path.of(System.getProperty(property, fallback)).resolve(name);
    assumeTrue(Files.exists(path), () -> "skipped: " + name + " is not there");
    return path;
  }
}
