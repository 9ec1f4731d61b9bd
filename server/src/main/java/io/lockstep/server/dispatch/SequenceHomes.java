package io.lockstep.server.dispatch;

import io.lockstep.server.serving.SequenceId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Where sequences go on: the versions at work, those included that were replaced or unloaded and
 * only finish what they have. Safe for any number of threads.
 */
public final class SequenceHomes {

  private final List<VersionServer> versions = new CopyOnWriteArrayList<>(); // newest last
  private volatile boolean closed;

  /** From here on nothing waits for sequences to end: no steps will come. */
  void close() {
    closed = true;
    versions.forEach(VersionServer::abandonSequences);
  }

  boolean isClosed() {
    return closed;
  }

  void add(VersionServer version) {
    versions.add(version);
  }

  void remove(VersionServer version) {
    versions.remove(version);
  }

  /**
   * The version that holds a sequence. The newest one, if there are two: the sequence was begun
   * anew after a version had a successor.
   *
   * @param number of the version, or null for any
   */
  Optional<VersionServer> holding(String model, @Nullable String number, SequenceId sequence) {
    return versions.reversed().stream()
        .filter(version -> version.description().name().equals(model))
        .filter(version -> number == null || version.description().version().equals(number))
        .filter(version -> version.holds(sequence))
        .findFirst();
  }
}
