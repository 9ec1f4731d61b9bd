package io.lockstep.loadtest.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SentencesTest {

  @Test
  void sentencesHaveEveryLengthOfTheRangeAndNoOther() {
    Sentences sentences = new Sentences(1, 3, 6);
    Set<Integer> lengths = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      lengths.add(sentences.next().split(" ", -1).length);
    }
    assertEquals(Set.of(3, 4, 5, 6), lengths);
  }

  @Test
  void theSameSeedTellsTheSameSentences() {
    Sentences one = new Sentences(7, 1, 30);
    Sentences other = new Sentences(7, 1, 30);
    for (int i = 0; i < 20; i++) {
      assertEquals(one.next(), other.next());
    }
  }

  @Test
  void rangesWithoutWordsAreRefused() {
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> new Sentences(1, 4, 3))
            .getMessage()
            .contains("4 to 3"));
  }
}
