package io.lockstep.runtime;

import com.sun.management.OperatingSystemMXBean;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.importer.ImportedDecoder;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The memory that the process may use.
 *
 * @param bytes that of the machine, or the limit of its container
 */
record MachineMemory(long bytes) {

  static MachineMemory ofMachine() {
    return new MachineMemory(
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize());
  }

  /** Refuses a file whose every step would read it from the disk again. */
  void refuseLarger(Path file) {
    long size;
    try {
      size = Files.size(file);
    } catch (IOException e) {
      throw new InvalidModelException("cannot read " + file.getFileName(), e);
    }
    refuseLarger(file, size);
  }

  /** The same for all files of a decoder, which is closed then. */
  void refuseLarger(Path file, ImportedDecoder decoder) {
    try {
      refuseLarger(file, decoder.fileBytes());
    } catch (UnsupportedModelException e) {
      decoder.files().close();
      throw e;
    }
  }

  private void refuseLarger(Path file, long size) {
    if (size > bytes) {
      throw new UnsupportedModelException(
          String.format(
              Locale.ROOT,
              "%s has %,d bytes, which is more than the %,d bytes of memory",
              file.getFileName(),
              size,
              bytes));
    }
  }
}
