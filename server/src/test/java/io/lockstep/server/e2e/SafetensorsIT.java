package io.lockstep.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lockstep.runtime.DecoderModel;
import io.lockstep.runtime.ModelLoader;
import io.lockstep.runtime.RuntimeOptions;
import io.lockstep.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A language model served from a folder of safetensors, beside the same one from GGUF. */
final class SafetensorsIT {

  private static final String PROMPT = "Once upon a time";

  @TempDir static Path folder;
  @TempDir static Path outside;

  private static Path data;
  private static String tokenizerJson = "";
  private static BuiltInServer server;

  @BeforeAll
  static void start() throws IOException {
    data = Path.of(System.getProperty("lockstep.testdata", "../../shared/testdata"));
    data = data.resolve("stories260k");
    Path gguf = data.resolve("stories260K.gguf");
    assumeTrue(Files.exists(gguf), "skipped: the test data has no language model");
    Files.copy(gguf, folder.resolve("gguf.gguf"));
    try (DecoderModel model = ModelLoader.loadDecoder(gguf, RuntimeOptions.defaults())) {
      tokenizerJson = tokenizerJson(model.tokenizer());
    }
    write("whole", "model.safetensors");
    write("rounded", "model.safetensors");
    Files.writeString(folder.resolve("rounded/model.yaml"), "generation: { weights: q8_0 }\n");
    Path sharded = write("sharded", "model-00001-of-00001.safetensors");
    index(sharded, "model-00001-of-00001.safetensors");
    Path talking = write("talking", "model.safetensors");
    Files.writeString(
        talking.resolve("tokenizer_config.json"),
        """
        {"bos_token": {"content": "<s>"}, "eos_token": "</s>",
          "chat_template": "never used: the file of its own comes first"}\
        """);
    Files.writeString(
        talking.resolve("chat_template.jinja"), "{{ bos_token }}{{ messages[0]['content'] }}");
    Files.writeString(talking.resolve("generation_config.json"), "{\"eos_token_id\": [2, 426]}");
    index(write("climbing", "model-1.safetensors"), "../../whole/1/model.safetensors");
    Files.copy(data.resolve("hf/config.json"), outside.resolve("config.json"));
    Path linked = write("linked", "model.safetensors");
    Files.delete(linked.resolve("config.json"));
    Files.createSymbolicLink(linked.resolve("config.json"), outside.resolve("config.json"));
    Files.copy(data.resolve("hf/model.safetensors"), folder.resolve("bare.safetensors"));
    server = BuiltInServer.serving(folder);
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  /** A version's folder with weights under this name. */
  private static Path write(String model, String weights) throws IOException {
    Path version = Files.createDirectories(folder.resolve(model).resolve("1"));
    Files.copy(data.resolve("hf/model.safetensors"), version.resolve(weights));
    Files.copy(data.resolve("hf/config.json"), version.resolve("config.json"));
    Files.writeString(version.resolve("tokenizer.json"), tokenizerJson);
    return version;
  }

  private static void index(Path version, String shard) throws IOException {
    Files.writeString(
        version.resolve("model.safetensors.index.json"),
        "{\"weight_map\": {\"model.norm.weight\": \"%s\"}}".formatted(shard));
  }

  /** The model's vocabulary as a published tokenizer.json of the Llama family has it. */
  private static String tokenizerJson(Tokenizer tokenizer) throws IOException {
    Map<String, Integer> ids = new HashMap<>();
    ObjectNode vocabulary = BuiltInServer.JSON.createObjectNode();
    ArrayNode merges = BuiltInServer.JSON.createArrayNode();
    for (int id = 0; id < tokenizer.vocabularySize(); id++) {
      ids.put(tokenizer.tokenOf(id).orElseThrow(), id);
      vocabulary.put(tokenizer.tokenOf(id).orElseThrow(), id);
    }
    for (int id = 0; id < tokenizer.vocabularySize(); id++) { // the earlier ones merge first
      String token = tokenizer.tokenOf(id).orElseThrow();
      for (int cut = 1; cut < token.length(); cut++) {
        if (ids.containsKey(token.substring(0, cut)) && ids.containsKey(token.substring(cut))) {
          merges.addArray().add(token.substring(0, cut)).add(token.substring(cut));
        }
      }
    }
    JsonNode document =
        BuiltInServer.JSON.readTree(
            """
            {"added_tokens": [{"id": 0, "content": "<unk>", "special": true},
               {"id": 1, "content": "<s>", "special": true},
               {"id": 2, "content": "</s>", "special": true}],
             "normalizer": {"type": "Sequence", "normalizers": [
               {"type": "Prepend", "prepend": "\u2581"},
               {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]},
             "post_processor": {"type": "TemplateProcessing",
               "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                 {"Sequence": {"id": "A", "type_id": 0}}],
               "pair": [{"Sequence": {"id": "A", "type_id": 0}},
                 {"Sequence": {"id": "B", "type_id": 1}}],
               "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}},
             "decoder": {"type": "Sequence", "decoders": [
               {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
               {"type": "ByteFallback"}, {"type": "Fuse"},
               {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
             "model": {"type": "BPE", "unk_token": "<unk>", "byte_fallback": true,
               "fuse_unk": true}}\
            """);
    ((ObjectNode) document.path("model")).set("vocab", vocabulary);
    ((ObjectNode) document.path("model")).set("merges", merges);
    return BuiltInServer.JSON.writeValueAsString(document);
  }

  private static JsonNode completion(String model, int tokens) {
    String answer =
        server.posted(
            "/v1/completions",
            """
            {"model": "%s", "prompt": "%s", "temperature": 0, "max_tokens": %d, "logprobs": 5}\
            """
                .formatted(model, PROMPT, tokens));
    return BuiltInServer.json(answer).path("choices").path(0);
  }

  @Test
  void tellsTheStoryOfTheGgufFileBitForBit() {
    JsonNode expected = completion("gguf", 80);
    assertEquals(80, expected.path("logprobs").path("token_logprobs").size());
    assertEquals(expected, completion("whole", 80));
    assertEquals(expected, completion("sharded", 80));
  }

  @Test
  void roundsWeightsWhenToldTo() {
    String text = completion("gguf", 20).path("text").asText();
    JsonNode rounded = completion("rounded", 20);
    assertEquals(text, rounded.path("text").asText());
    assertNotEquals(completion("gguf", 20), rounded);
  }

  @Test
  void takesTemplateAndEndsFromTheFilesBesideIt() {
    String answer =
        server.posted(
            "/v1/chat/completions",
            """
            {"model": "talking", "temperature": 0, "max_tokens": 80,
              "messages": [{"role": "user", "content": "%s"}]}\
            """
                .formatted(PROMPT));
    JsonNode choice = BuiltInServer.json(answer).path("choices").path(0);
    assertEquals("stop", choice.path("finish_reason").asText());
    String told = choice.path("message").path("content").asText();
    String whole = completion("gguf", 80).path("text").asText();
    assertTrue(!told.isEmpty() && told.length() < whole.length() && whole.startsWith(told), told);
  }

  @Test
  void namesItsFormatToClientsOfTheOpenProtocol() {
    assertEquals(
        "lockstep_safetensors",
        BuiltInServer.json(server.get("/v2/models/whole").body()).path("platform").asText());
  }

  @Test
  void readsNothingFromOutsideItsFolder() {
    String index = server.posted("/v2/repository/index", "{}");
    Map<String, String> reasons = new HashMap<>();
    BuiltInServer.json(index)
        .forEach(model -> reasons.put(model.path("name").asText(), model.path("reason").asText()));
    assertEquals(
        "the index names a file '../../whole/1/model.safetensors'", reasons.get("climbing"));
    assertEquals(
        "'config.json' beside the model leads out of the model folder", reasons.get("linked"));
    assertFalse(reasons.containsKey("bare"), "a bare file has no config.json beside it");
  }
}
