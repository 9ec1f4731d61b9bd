package io.lockstep.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.lockstep.server.config.ServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.ParseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the manifests for Kubernetes say about the server holds for this server. */
final class KubernetesTest {

  private static final Path ROOT =
      Path.of(System.getProperty("lockstep.root", "..")).toAbsolutePath().normalize();
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  @ParameterizedTest
  @CsvSource({
    "deployment.yaml, /spec/template/spec/containers/0",
    "serving-runtime.yaml, /spec/containers/0"
  })
  void probesAskForHealthAndTheUserIsThatOfTheImage(String file, String at) throws IOException {
    JsonNode container = manifest(file).at(at);

    assertEquals("/v2/health/ready", container.at("/startupProbe/httpGet/path").asText());
    assertEquals("/v2/health/ready", container.at("/readinessProbe/httpGet/path").asText());
    assertEquals("/v2/health/live", container.at("/livenessProbe/httpGet/path").asText());
    String version = container.path("image").asText().replaceFirst("^lockstep:", "");
    assertTrue(Files.readString(ROOT.resolve("lockstep")).contains("\nversion=" + version + "\n"));
    assertTrue(Files.readString(ROOT.resolve("Dockerfile")).contains("USER 10001"));
  }

  @ParameterizedTest
  @CsvSource({
    "deployment.yaml, /spec/template/spec/containers/0",
    "serving-runtime.yaml, /spec/containers/0"
  })
  void theArgumentsAreOnesThatServeTakes(String file, String at)
      throws IOException, ParseException {
    List<String> arguments = YAML.convertValue(manifest(file).at(at).path("args"), stringList());

    assertEquals("serve", arguments.getFirst());
    String[] options = arguments.stream().skip(1).toArray(String[]::new);
    CommandLine line = new DefaultParser().parse(new ServeCommand().options(), options);
    assertTrue(line.getArgList().isEmpty(), line.getArgList().toString());
  }

  @ParameterizedTest
  @CsvSource({
    "deployment.yaml, /spec/template/spec/containers/0",
    "serving-runtime.yaml, /spec/containers/0"
  })
  void theJvmIsToldAsManyProcessorsAsThePodRequests(String file, String at) throws IOException {
    JsonNode container = manifest(file).at(at);

    assertEquals("JAVA_TOOL_OPTIONS", container.at("/env/0/name").asText());
    assertEquals(
        "-XX:ActiveProcessorCount=" + container.at("/resources/requests/cpu").asText(),
        container.at("/env/0/value").asText());
  }

  @Test
  void aPodIsGivenLongerThanTheServerTakesToDrain() throws IOException {
    JsonNode pod = manifest("deployment.yaml").at("/spec/template/spec");
    long preStop = pod.at("/containers/0/lifecycle/preStop/sleep/seconds").asLong();
    long drain = ServerConfig.DEFAULTS.server().drainTimeout().toSeconds();

    assertTrue(pod.path("terminationGracePeriodSeconds").asLong() >= preStop + drain);
  }

  @Test
  void theServiceFindsThePodsAndTheirPort() throws IOException {
    JsonNode pod = manifest("deployment.yaml").at("/spec/template");
    JsonNode service = manifest("service.yaml");

    assertEquals(pod.at("/metadata/labels"), service.at("/spec/selector"));
    assertEquals(pod.at("/spec/containers/0/ports/0/name"), service.at("/spec/ports/0/targetPort"));
    assertEquals(
        service.at("/metadata/labels"),
        manifest("service-monitor.yaml").at("/spec/selector/matchLabels"));
  }

  @Test
  void theAutoscalerAsksForTheMetricThatTheAdapterMakesOfOurs() throws IOException {
    JsonNode rule = manifest("prometheus-adapter.yaml").at("/rules/custom/0");
    JsonNode autoscaler = manifest("autoscaler.yaml");

    assertEquals(rule.at("/name/as"), autoscaler.at("/spec/metrics/0/pods/metric/name"));
    assertTrue(
        Files.readString(ROOT.resolve("docs/observability.md"))
            .contains("`lockstep_request_phase_seconds`"));
    assertTrue(rule.path("metricsQuery").asText().contains("lockstep_request_phase_seconds_sum{"));
    assertEquals(
        manifest("deployment.yaml").at("/metadata/name"),
        autoscaler.at("/spec/scaleTargetRef/name"));
  }

  private static JsonNode manifest(String file) throws IOException {
    return YAML.readTree(ROOT.resolve("config/kubernetes").resolve(file).toFile());
  }

  private static TypeReference<List<String>> stringList() {
    return new TypeReference<>() {};
  }
}
