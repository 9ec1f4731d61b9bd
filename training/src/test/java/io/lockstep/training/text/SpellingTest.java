package io.lockstep.training.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SpellingTest {

  @Test
  void sentencesBeginWithCapitals() {
    assertEquals(
        "The fox ran. It fell.\n\nIt cried.", corrected("the fox ran. it fell.\n\nit cried."));
  }

  @Test
  void sentencesGoOnBehindWhatSomebodySays() {
    assertEquals(
        "\"No!\" said he. \"Why?\" he asked.", corrected("\"no!\" said he. \"why?\" he asked."));
    assertEquals(
        "\"Yes,\" she said, \"but later.\"", corrected("\"yes,\" she said, \"but later.\""));
  }

  @Test
  void anotherSentenceBehindAQuotationBeginsAnew() {
    assertEquals("\"I am here!\" The fox ran.", corrected("\"i am here!\" the fox ran."));
  }

  @Test
  void theArticleFitsTheNextWord() {
    assertEquals("An owl and a fox.", corrected("a owl and a fox."));
  }

  private static String corrected(String text) {
    return Spelling.corrected(text);
  }
}
