package io.lockstep.server.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Dashboards and alerts ask for metrics that exist, and every metric of ours is looked at. */
final class MonitoringFilesTest {

  private static final Path CONFIG = Path.of(System.getProperty("lockstep.root"), "config");
  private static final Pattern METRIC =
      Pattern.compile("\\b(?:lockstep|jvm|process|system)_[a-z0-9_]+\\b(?!\\.yml)");

  /** Made by the JVM's binder at the first collection, which no test can wait for. */
  private static final Set<String> AFTER_A_COLLECTION =
      Set.of("jvm_gc_pause_seconds_sum", "jvm_gc_pause_seconds_count");

  private static Set<String> scraped() {
    try (ServingMetrics metrics = new ServingMetrics(MetricsOptions.DEFAULTS)) {
      FilledMetrics.fill(metrics);
      return new String(metrics.scrape(null).body(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("[{ ]", 2)[0])
          .collect(Collectors.toSet());
    }
  }

  private static Set<String> metricsIn(String text) {
    Set<String> names = new TreeSet<>();
    for (Matcher name = METRIC.matcher(text); name.find(); ) {
      names.add(name.group());
    }
    return names;
  }

  private static Set<String> dashboardQueries() throws IOException {
    Set<String> queries = new TreeSet<>();
    ObjectMapper json = new ObjectMapper();
    try (Stream<Path> files = Files.list(CONFIG.resolve("grafana/dashboards"))) {
      for (Path file : files.toList()) {
        for (JsonNode panel : json.readTree(file.toFile()).get("panels")) {
          panel.get("targets").forEach(target -> queries.add(target.get("expr").asText()));
        }
      }
    }
    return queries;
  }

  @Test
  void dashboardsAskForMetricsThatExist() throws IOException {
    Set<String> known = scraped();
    known.addAll(AFTER_A_COLLECTION);
    Set<String> asked = metricsIn(String.join("\n", dashboardQueries()));
    assertTrue(asked.size() > 40, asked.toString());
    asked.removeAll(known);
    assertEquals(Set.of(), asked);
  }

  @Test
  void alertsAskForMetricsThatExist() throws IOException {
    for (String file : new String[] {"alerts/lockstep.yml", "alerts/lockstep_test.yml"}) {
      Set<String> asked = metricsIn(Files.readString(CONFIG.resolve(file)));
      assertTrue(asked.size() > 8, asked.toString());
      asked.removeAll(scraped());
      assertEquals(Set.of(), asked, file);
    }
  }

  @Test
  void everyMeterIsOnADashboardAndInTheDocumentation() throws IOException {
    Set<String> shown = metricsIn(String.join("\n", dashboardQueries()));
    String documentation =
        Files.readString(CONFIG.resolveSibling("docs").resolve("observability.md"));
    for (Meters meter : Meters.values()) {
      assertTrue(meter.seriesNames().stream().anyMatch(shown::contains), meter.prometheusName());
      assertTrue(documentation.contains(meter.prometheusName()), meter.prometheusName());
    }
  }
}
