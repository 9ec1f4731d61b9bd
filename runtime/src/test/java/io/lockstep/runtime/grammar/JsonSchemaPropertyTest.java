package io.lockstep.runtime.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import io.lockstep.runtime.Seeds;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Random texts by schemas, judged by a validator of JSON schemas. */
final class JsonSchemaPropertyTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonSchemaFactory VALIDATORS =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);

  /** A schema with the grammar made of it and a validator for it. */
  private record Case(JsonNode schema, Grammar grammar, JsonSchema validator) {}

  @Test
  void textsOfASmallVocabularyAreValid() throws IOException {
    assertValid("stories260k/stories260K.gguf", 1_000);
  }

  @Test
  void textsOfALargeVocabularyAreValid() throws IOException {
    assertValid("tokenizers/ggml-vocab-gpt-2.gguf", 100);
  }

  /** Against every token by itself: the masks of strings are made in a shorter way. */
  @Test
  void masksHoldExactlyTheTokensThatMayFollow() throws IOException {
    RandomWalk walk = new RandomWalk("stories260k/stories260K.gguf");
    List<Case> cases = cases();
    Seeds.forAll(
        150,
        random -> {
          GrammarState state = walk.start(cases.get(random.nextInt(cases.size())).grammar());
          for (int i = 0; i < 60 && !state.isOver(); i++) {
            BitSet mask = state.mask();
            for (int id = 0; id < walk.vocabulary().size(); id++) {
              assertEquals(state.allows(id), mask.get(id), "token " + id);
            }
            if (mask.isEmpty()) {
              break;
            }
            state.accept(mask.nextSetBit(random.nextInt(mask.length())));
          }
        });
  }

  private static void assertValid(String vocabulary, int texts) throws IOException {
    RandomWalk walk = new RandomWalk(vocabulary);
    List<Case> cases = cases();
    int[] ended = new int[1];
    Seeds.forAll(
        texts,
        random -> {
          Case chosen = cases.get(random.nextInt(cases.size()));
          GrammarState state = walk.start(chosen.grammar());
          String text = walk.walk(state, 400, random);
          if (state.isComplete()) {
            ended[0]++;
            assertEquals(Set.of(), problems(chosen, text), text + " by " + chosen.schema());
          }
        });
    assertTrue(ended[0] > texts * 9 / 10, ended[0] + " texts ended");
  }

  private static Set<?> problems(Case chosen, String text) {
    try {
      return chosen.validator().validate(MAPPER.readTree(text));
    } catch (IOException noJson) {
      return Set.of(noJson);
    }
  }

  private static List<Case> cases() throws IOException {
    SchemaValidatorsConfig config =
        SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();
    List<Case> cases = new ArrayList<>();
    try (InputStream in =
        JsonSchemaPropertyTest.class.getResourceAsStream("/grammar/schemas.json")) {
      for (JsonNode schema : MAPPER.readTree(in)) {
        Object plain = MAPPER.convertValue(schema, Object.class);
        cases.add(
            new Case(schema, Grammar.jsonSchema(plain), VALIDATORS.getSchema(schema, config)));
      }
    }
    return cases;
  }
}
