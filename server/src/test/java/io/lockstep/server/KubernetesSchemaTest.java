package io.lockstep.server;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V2HorizontalPodAutoscaler;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * Manifests against the schemas that Kubernetes publishes, which its own client has as code: no
 * field that it does not know, none missing, all of the right types.
 */
final class KubernetesSchemaTest {

  private static final Path FOLDER =
      Path.of(System.getProperty("lockstep.root", "..")).resolve("config/kubernetes");
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  /** The check of one kind of object. */
  private interface Schema {
    void check(JsonElement object) throws IOException;
  }

  @Test
  void theDeploymentIsOne() throws IOException {
    holds(V1Deployment::validateJsonElement, V1Deployment.class, manifest("deployment.yaml"));
  }

  @Test
  void theServiceIsOne() throws IOException {
    holds(V1Service::validateJsonElement, V1Service.class, manifest("service.yaml"));
  }

  @Test
  void theAutoscalerIsOne() throws IOException {
    holds(
        V2HorizontalPodAutoscaler::validateJsonElement,
        V2HorizontalPodAutoscaler.class,
        manifest("autoscaler.yaml"));
  }

  /** KServe's own part of it has no schema in a library; its containers are those of Kubernetes. */
  @Test
  void theContainerOfTheServingRuntimeIsOne() throws IOException {
    holds(
        V1Container::validateJsonElement,
        V1Container.class,
        manifest("serving-runtime.yaml").at("/spec/containers/0"));
  }

  @Test
  void aMisspeltFieldIsFound() throws IOException {
    JsonNode deployment = manifest("deployment.yaml");
    ((ObjectNode) deployment.at("/spec/template/spec/containers/0")).put("imag", "lockstep");

    IllegalArgumentException problem =
        assertThrows(
            IllegalArgumentException.class,
            () -> V1Deployment.validateJsonElement(gson(deployment)));
    assertTrue(problem.getMessage().contains("imag"), problem::getMessage);
  }

  /** The client reads it, too: its types know the forms of quantities and ports. */
  private static void holds(Schema schema, Class<?> type, JsonNode manifest) throws IOException {
    schema.check(gson(manifest));
    assertNotNull(JSON.getGson().fromJson(manifest.toString(), type));
  }

  private static JsonElement gson(JsonNode manifest) {
    return JsonParser.parseString(manifest.toString());
  }

  private static JsonNode manifest(String file) throws IOException {
    return YAML.readTree(FOLDER.resolve(file).toFile());
  }
}
