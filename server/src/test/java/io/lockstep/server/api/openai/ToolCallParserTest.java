package io.lockstep.server.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ToolCallParserTest {

  private static final List<?> TOOLS =
      List.of(Map.of("type", "function", "function", Map.of("name", "weather")));

  private static ToolCallParser parser() {
    return new ToolCallParser(ToolChoice.of("auto", TOOLS, true));
  }

  @Test
  void findsCallsBetweenMarkersHoweverTheyCome() {
    ToolCallParser parser = parser();
    StringBuilder text = new StringBuilder();
    String all =
        "Let me see. <tool_call>\n{\"name\": \"weather\", \"arguments\": {\"a\": 1}}\n</tool_call>";
    for (int i = 0; i < all.length(); i++) {
      text.append(parser.add(Character.toString(all.charAt(i))));
    }
    assertEquals("Let me see. ", text.toString());
    assertEquals(1, parser.calls().size());
    assertEquals("weather", parser.calls().getFirst().name());
    assertEquals("{\"a\":1}", parser.calls().getFirst().arguments());
  }

  @Test
  void findsArraysAndBareObjects() {
    ToolCallParser mistral = parser();
    mistral.add("[TOOL_CALLS][{\"name\":\"weather\",\"arguments\":{}}]");
    assertEquals(1, mistral.calls().size());
    ToolCallParser llama = parser();
    llama.add("{\"name\": \"weather\", \"parameters\": {\"b\": 2}}");
    assertEquals("{\"b\":2}", llama.calls().getFirst().arguments());
  }

  @Test
  void oneCallIsLeftWhereSeveralAreNotWanted() {
    String two =
        "[TOOL_CALLS][{\"name\":\"a\",\"arguments\":{}},{\"name\":\"b\",\"arguments\":{}}]";
    ToolCallParser many = parser();
    many.add(two);
    assertEquals(2, many.calls().size());
    ToolCallParser one = new ToolCallParser(ToolChoice.of("auto", TOOLS, false));
    one.add(two);
    assertEquals(List.of("a"), one.calls().stream().map(ToolCallParser.ToolCall::name).toList());
  }

  @Test
  void aForcedCallIsTakenApartAsItComes() {
    String all = "{\"name\": \"weather\", \"arguments\": {\"at\": {\"x\": 1}}}";
    for (int size = 1; size < all.length(); size++) {
      ForcedCall call = new ForcedCall();
      StringBuilder arguments = new StringBuilder();
      for (int at = 0; at < all.length(); at += size) {
        arguments.append(call.add(all.substring(at, Math.min(all.length(), at + size))));
      }
      assertEquals("weather", call.name());
      assertEquals("{\"at\": {\"x\": 1}}", arguments.toString());
      assertEquals("", call.rest(true));
    }
    ForcedCall cut = new ForcedCall();
    assertEquals("{\"a", cut.add("{\"name\": \"f\", \"arguments\": {\"at"));
    assertEquals("t", cut.rest(false));
  }

  @Test
  void whatIsNoCallIsText() {
    ToolCallParser parser = parser();
    assertEquals("a < b", parser.add("a < b"));
    assertEquals("", parser.add("{\"name\" is a key"));
    assertTrue(parser.calls().isEmpty());
    assertEquals("{\"name\" is a key", parser.rest());
  }
}
