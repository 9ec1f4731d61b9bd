package io.lockstep.server.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonFactory;
import io.lockstep.server.serving.GenerationTraits;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ConversationTest {

  private static final String NAMES_ROLES =
      "{% for m in messages %}{{ m.role }}:{{ m.content }};{% endfor %}";

  private static String prompt(String template) throws IOException {
    Conversation conversation = new Conversation();
    String messages =
        "[{\"role\":\"developer\",\"content\":\"be\"},{\"role\":\"user\",\"content\":\"hi\"}]";
    try (JsonInput json = new JsonInput(new JsonFactory().createParser(messages))) {
      json.nextElement();
      conversation.read("messages", json);
    }
    return conversation.prompt(
        new GenerationTraits(
            FakeTokenizer.settings().tokenizer(),
            32,
            List.of(3),
            Optional.of(template),
            "",
            "",
            8,
            1 << 20),
        false);
  }

  @Test
  void theDeveloperIsTheSystemToTemplatesThatDoNotKnowOne() throws IOException {
    assertEquals("system:be;user:hi;", prompt(NAMES_ROLES));
  }

  @Test
  void theDeveloperStaysOneToTemplatesThatKnowOne() throws IOException {
    assertEquals("developer:be;user:hi;", prompt("{# system or developer #}" + NAMES_ROLES));
  }
}
