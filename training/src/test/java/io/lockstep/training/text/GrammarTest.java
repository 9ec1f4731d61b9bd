package io.lockstep.training.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class GrammarTest {

  private static final Grammar GRAMMAR =
      Grammar.parse(
          """
          # who and where
          [animal]
          fox; home=den
          owl; home=tree

          [pair]
          {a:=animal}{b:=animal}{a} {b}

          [told]
          {a:=animal}the {a} in its {a.home}, {about.$a}

          [about.fox]
          (red|(brown|)) and sly

          [about.owl]
          wise\\nand old
          """);

  private static String first(String rule) {
    return GRAMMAR.expand(rule, bound -> 0);
  }

  private static String last(String rule) {
    return GRAMMAR.expand(rule, bound -> bound - 1);
  }

  @Test
  void variablesKeepTheirValueAndWhatBelongsToIt() {
    assertEquals("the fox in its den, red and sly", first("told"));
  }

  @Test
  void aBackslashAndAnNAreANewLine() {
    assertEquals("the owl in its tree, wise\nand old", last("told"));
  }

  @Test
  void optionsMayHoldOptions() {
    assertEquals(" and sly", last("about.fox"));
  }

  @Test
  void variablesAreUnlikeEachOther() {
    Random random = new Random(1);
    for (int i = 0; i < 50; i++) {
      String[] pair = GRAMMAR.expand("pair", random::nextInt).split(" ", -1);
      assertNotEquals(pair[0], pair[1]);
    }
  }

  @Test
  void whatIsMissingIsNamed() {
    var missing =
        assertThrows(IllegalArgumentException.class, () -> GRAMMAR.expand("bird", bound -> 0));
    assertTrue(String.valueOf(missing.getMessage()).contains("'bird'"));
  }

  @Test
  void rulesAreWrittenOnce() {
    assertThrows(IllegalArgumentException.class, () -> Grammar.parse("[a]\nx\n[a]\ny"));
  }
}
