package io.lockstep.training.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.training.text.Documents.Speaker;
import io.lockstep.training.text.Documents.Turn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DocumentsTest {

  private static final List<List<Turn>> DOCUMENTS = documents(7, 4000);

  private static List<List<Turn>> documents(long seed, int count) {
    Documents documents = new Documents(seed);
    return IntStream.range(0, count).mapToObj(i -> documents.next()).toList();
  }

  @Test
  void aSeedTellsAllDocuments() {
    assertEquals(documents(3, 20), documents(3, 20));
    assertFalse(documents(3, 20).equals(documents(4, 20)));
  }

  @Test
  void noMarkOfTheGrammarIsLeft() {
    Pattern marks = Pattern.compile("[{}()|;$^~\\\\]|:=| {2}| [.,]|\\b[aA] [aeiouAEIOU]");
    for (List<Turn> document : DOCUMENTS) {
      for (Turn turn : document) {
        assertFalse(turn.text().isBlank());
        Matcher matcher = marks.matcher(turn.text());
        assertFalse(matcher.find(), turn.text());
      }
    }
  }

  @Test
  void speakersTakeTurns() {
    for (List<Turn> document : DOCUMENTS) {
      if (document.size() == 1) {
        assertEquals(Speaker.NONE, document.getFirst().speaker());
        continue;
      }
      for (int i = 0; i < document.size(); i++) {
        assertEquals(i % 2 == 0 ? Speaker.USER : Speaker.ASSISTANT, document.get(i).speaker());
      }
    }
  }

  @Test
  void hardlyAStoryIsToldTwice() {
    List<String> stories = stories();
    Set<String> different = new HashSet<>(stories);
    assertTrue(stories.size() > 2000, stories.size() + " stories");
    assertEquals(stories.size(), different.size());
  }

  private static List<String> stories() {
    List<String> stories = new ArrayList<>();
    for (List<Turn> document : DOCUMENTS) {
      for (Turn turn : document) {
        if (turn.text().contains("\n\n")) {
          stories.add(turn.text());
        }
      }
    }
    return stories;
  }

  @Test
  void storiesAreAboutWhomTheyWereAskedFor() {
    Pattern asked = Pattern.compile("about an? ([a-z]+) (?:named|called) (\\w+)");
    int found = 0;
    for (List<Turn> document : DOCUMENTS) {
      for (int i = 0; i + 1 < document.size(); i++) {
        Matcher matcher = asked.matcher(document.get(i).text());
        boolean isTold = document.get(i + 1).text().contains("\n\n");
        if (isTold && matcher.find() && Character.isUpperCase(matcher.group(2).charAt(0))) {
          found++;
          String story = document.get(i + 1).text();
          assertTrue(story.contains(matcher.group(1)) && story.contains(matcher.group(2)), story);
        }
      }
    }
    assertTrue(found > 50, found + " questions");
  }

  @Test
  void thereAreHundredsOfAlternatives() {
    assertTrue(Documents.grammar().alternativeCount() > 800);
  }
}
