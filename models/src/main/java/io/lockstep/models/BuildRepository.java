package io.lockstep.models;

import io.lockstep.models.file.RepositoryFile;
import io.lockstep.models.recurrent.HourlyDemand;
import io.lockstep.models.tabular.DeliveryTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Trains the repository's own models and writes their files; the same bytes every time. */
public final class BuildRepository {
  private BuildRepository() {}

  /** Writes below the folder that is the only argument. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 1) {
      throw new IllegalArgumentException("BuildRepository: expected one folder to write to");
    }
    Path folder = Path.of(arguments[0]);
    for (RepositoryFile file : files()) {
      Path target = folder.resolve(file.path());
      Files.createDirectories(target.getParent());
      Files.write(target, file.content().toByteArray());
    }
  }

  static List<RepositoryFile> files() {
    return Stream.of(DeliveryTime.build(), HourlyDemand.build()).flatMap(List::stream).toList();
  }
}
