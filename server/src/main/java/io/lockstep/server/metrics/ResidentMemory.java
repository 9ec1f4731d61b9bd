package io.lockstep.server.metrics;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The memory that the process takes of the machine, where Linux tells it. */
final class ResidentMemory {

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

  private ResidentMemory() {}

  static boolean isKnown() {
    return Files.isReadable(STATUS);
  }

  /** In bytes; NaN when the system does not tell. */
  static double bytes() {
    try {
      // Names of threads and files, which may be in any encoding, are in the file as well.
      Matcher line = RESIDENT.matcher(Files.readString(STATUS, StandardCharsets.ISO_8859_1));
      return line.find() ? Long.parseLong(line.group(1)) * 1024.0 : Double.NaN;
    } catch (IOException unreadable) {
      return Double.NaN;
    }
  }
}
