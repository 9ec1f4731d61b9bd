package io.lockstep.server.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.server.serving.ServingException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Templates in the manners of the families that are around. */
final class ChatTemplateTest {

  private static final List<Map<String, String>> MESSAGES =
      List.of(
          Map.of("role", "user", "content", " Hi "),
          Map.of("role", "assistant", "content", "Yo"),
          Map.of("role", "user", "content", "Bye"));

  private static String render(String template) {
    return new ChatTemplate(template, "<s>", "</s>").prompt(MESSAGES, null, true, Map.of());
  }

  @Test
  void turnsBetweenMarkers() {
    assertEquals(
        """
        <|im_start|>user
         Hi <|im_end|>
        <|im_start|>assistant
        Yo<|im_end|>
        <|im_start|>user
        Bye<|im_end|>
        <|im_start|>assistant
        """,
        render(
            "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' +"
                + " message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
                + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"));
  }

  @Test
  void filtersBindMoreThanSums() {
    assertEquals(
        "<s><|user|>\n\nHi<|end|><|assistant|>\n\nYo<|end|><|user|>\n\nBye<|end|>",
        render(
            "{% for message in messages %}{% set content = '<|' + message['role'] + '|>\\n\\n'"
                + " + message['content'] | trim + '<|end|>' %}{% if loop.index0 == 0 %}"
                + "{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}"));
  }

  @Test
  void whitespaceControlNamespacesAndReversedLists() {
    assertEquals(
        "2 user,assistant,user,",
        render(
            """
            {%- set ns = namespace(last=0) %}
            {%- for message in messages %}
                {%- if message.role == 'user' %}
                    {%- set ns.last = loop.index0 %}
                {%- endif %}
            {%- endfor %}
            {{- ns.last ~ ' ' }}
            {%- for message in messages[::-1] %}{{- message.role ~ ',' }}{%- endfor %}
            """
                .strip()));
  }

  @Test
  void pythonsMethodsAndJson() {
    assertEquals(
        "b|true|{\"a\": [1, 2]}|Hi",
        new ChatTemplate(
                "{{ 'a</t>\\nb'.split('</t>')[-1].lstrip('\\n') }}|{{ 'Abc'.startswith('A') }}|"
                    + "{{ value | tojson }}|{{ messages[0]['content'].strip() }}",
                "",
                "")
            .prompt(MESSAGES, null, true, Map.of("value", Map.of("a", List.of(1, 2)))));
  }

  @Test
  void refusalsReachTheClient() {
    ServingException refusal =
        assertThrows(
            ServingException.class, () -> render("{{ raise_exception('roles must alternate') }}"));
    assertTrue(refusal.getMessage().contains("roles must alternate"), refusal.getMessage());
  }

  @Test
  void classesAreOutOfReach() {
    assertThrows(
        ServingException.class,
        () -> render("{{ messages.getClass().forName('java.lang.Runtime') }}"));
    String text;
    try {
      text = render("{{ 'x'.class }}{{ messages.class.name }}");
    } catch (ServingException refused) {
      text = "";
    }
    assertFalse(text.contains("java"), text);
  }
}
