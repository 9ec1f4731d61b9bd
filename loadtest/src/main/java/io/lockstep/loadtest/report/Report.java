package io.lockstep.loadtest.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * All measurements of a run, as a JSON file and as one page that needs no network.
 *
 * @param title what was run
 * @param conclusions one sentence each
 * @param knees the highest rate that each server held, where they were looked for
 */
public record Report(
    String title,
    @JsonProperty("started_at") String startedAt,
    String machine,
    List<String> conclusions,
    List<Measurement> measurements,
    List<Knee> knees) {

  private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/dist/";

  /** The report of what was measured from a time until now, from this machine. */
  public static Report since(
      Instant start,
      String title,
      List<String> conclusions,
      List<Measurement> measurements,
      List<Knee> knees) {
    String machine =
        "%d processors, Java %s, generator on %s"
            .formatted(
                Runtime.getRuntime().availableProcessors(),
                Runtime.version(),
                System.getProperty("os.name"));
    return new Report(
        title,
        start.truncatedTo(ChronoUnit.SECONDS).toString(),
        machine,
        conclusions,
        measurements,
        knees);
  }

  /** Writes {@code result.json} and {@code report.html} into a folder, which is made. */
  public Path write(Path folder) throws IOException {
    String json = json();
    String page =
        resource("report.html")
            .replace("/*style*/", resource(UPLOT + "uPlot.min.css"))
            .replace("/*plots*/", resource(UPLOT + "uPlot.iife.min.js"))
            // A text in the data must not end the script.
            .replace("/*data*/null", json.replace("</", "<\\/"));
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("result.json"), json);
    return Files.writeString(folder.resolve("report.html"), page);
  }

  private String json() throws JsonProcessingException {
    return new ObjectMapper()
        .registerModule(new Jdk8Module())
        .writerWithDefaultPrettyPrinter()
        .writeValueAsString(this);
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = Report.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("missing on the class path: " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
