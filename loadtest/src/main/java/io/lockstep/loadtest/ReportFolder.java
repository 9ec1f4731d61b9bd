package io.lockstep.loadtest;

import io.lockstep.loadtest.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where what was measured goes. */
final class ReportFolder {

  @Option(
      names = "--out",
      description = "folder for report.html and result.json (${DEFAULT-VALUE})")
  private Path out = Path.of("target", "bench");

  /** Prints the conclusions, writes the report and says where it is. */
  void take(Report report) throws IOException {
    report.conclusions().forEach(System.out::println);
    System.out.println("report: " + report.write(out).toAbsolutePath());
  }
}
