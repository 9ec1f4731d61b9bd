package io.lockstep.loadtest.graph;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What models take in memory beside what their files do: weights are packed for the kernels. */
final class MemoryTable {

  private static final double MEBIBYTE = 1 << 20;

  private final Map<Path, Long> held = new LinkedHashMap<>();

  /**
   * Of one case; a model counts with the most that any of its cases needs.
   *
   * @param bytes of weights, as {@link Trial} gives them
   */
  void add(GraphCase work, long bytes) {
    held.merge(work.file(), bytes, Math::max);
  }

  void print(PrintWriter out) throws IOException {
    out.printf("%-38s %12s %12s %7s%n", "", "file MiB", "held MiB", "ratio");
    for (Map.Entry<Path, Long> model : held.entrySet()) {
      long bytes = Files.size(model.getKey());
      out.printf(
          Locale.ROOT,
          "%-38s %12.1f %12.1f %7.2f%n",
          ending(model.getKey()),
          bytes / MEBIBYTE,
          model.getValue() / MEBIBYTE,
          (double) model.getValue() / bytes);
    }
    out.printf("%n");
    out.flush();
  }

  /** A file's name behind its folder's. */
  private static Path ending(Path file) {
    int names = file.getNameCount();
    return file.subpath(Math.max(0, names - 2), names);
  }
}
