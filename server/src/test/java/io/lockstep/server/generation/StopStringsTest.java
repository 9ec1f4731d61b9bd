package io.lockstep.server.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.server.fakes.Seeds;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StopStringsTest {

  @Test
  void holdsBackWhatMayBeginAStopString() {
    StopStrings stops = new StopStrings(List.of("###", "END"));
    assertEquals("one ", stops.add("one #"));
    assertEquals("", stops.add("#"));
    assertEquals("## t", stops.add(" t"));
    assertEquals("wo ", stops.add("wo EN"));
    assertEquals("ENTER", stops.add("TER"));
    assertFalse(stops.isFound());
    assertEquals("", stops.add("##"));
    assertEquals("##", stops.rest());
  }

  @Test
  void endsBeforeTheFirstOfSeveral() {
    StopStrings stops = new StopStrings(List.of("later", "stop"));
    assertEquals("text ", stops.add("text stop and later"));
    assertTrue(stops.isFound());
    assertEquals("", stops.rest());
  }

  @Test
  void cutsAtTheSamePlaceHoweverTheTextComes() {
    Seeds.forAll(
        500,
        random -> {
          StringBuilder text = new StringBuilder();
          for (int i = 0; i < 40; i++) {
            text.append("abc".charAt(random.nextInt(3)));
          }
          List<String> wanted = List.of("abcab", "cc", "bab");
          int expected =
              wanted.stream()
                  .mapToInt(text::indexOf)
                  .filter(at -> at >= 0)
                  .min()
                  .orElse(text.length());
          StopStrings stops = new StopStrings(wanted);
          StringBuilder told = new StringBuilder();
          int at = 0;
          while (at < text.length() && !stops.isFound()) {
            int next = Math.min(text.length(), at + random.nextInt(1, 6));
            told.append(stops.add(text.substring(at, next)));
            at = next;
          }
          told.append(stops.rest());
          assertEquals(text.substring(0, expected), told.toString());
        });
  }
}
