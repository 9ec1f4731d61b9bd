package io.lockstep.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.models.file.RepositoryFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The committed files are what the code makes. */
final class RepositoryReproductionTest {
  private static final Path REPOSITORY =
      Path.of(System.getProperty("lockstep.root"), "models", "repository");

  private static final List<RepositoryFile> MADE = BuildRepository.files();

  @Test
  void trainingGivesTheCommittedFilesToTheByte() throws IOException {
    for (RepositoryFile file : MADE) {
      assertArrayEquals(
          Files.readAllBytes(REPOSITORY.resolve(file.path())),
          file.content().toByteArray(),
          file.path() + " differs; see models/README.md for how to write it anew");
    }
  }

  /** What another module of the project makes, which may use the engine. */
  private static final String MADE_ELSEWHERE = "storyteller/";

  @Test
  void everyOtherCommittedModelIsMadeHere() throws IOException {
    try (Stream<Path> paths = Files.walk(REPOSITORY)) {
      Set<String> committed =
          paths
              .filter(Files::isRegularFile)
              .filter(path -> !path.endsWith("model.yaml"))
              .map(path -> REPOSITORY.relativize(path).toString().replace('\\', '/'))
              .filter(path -> !path.startsWith(MADE_ELSEWHERE))
              .collect(Collectors.toSet());
      Set<String> made = MADE.stream().map(RepositoryFile::path).collect(Collectors.toSet());
      assertEquals(made, committed);
    }
  }
}
