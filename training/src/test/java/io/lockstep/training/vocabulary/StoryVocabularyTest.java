package io.lockstep.training.vocabulary;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.tokenizer.Tokenizer;
import io.lockstep.training.network.DecoderPass;
import io.lockstep.training.text.Documents;
import java.util.List;
import org.junit.jupiter.api.Test;

class StoryVocabularyTest {

  private static final StoryVocabulary VOCABULARY =
      StoryVocabulary.learn(new Documents(1), 200, 500);

  @Test
  void theMostFrequentPairIsMergedFirst() {
    BytePairs pairs = BytePairs.learn(List.of("low lower lowest", "low new"), 260);
    assertEquals(List.of("l o", "lo w", "\u0120 low", "\u0120low e"), pairs.merges());
    assertEquals("\u0120lowe", pairs.tokens().getLast());
  }

  @Test
  void textsWithTooFewPairsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> BytePairs.learn(List.of("aa"), 300));
  }

  @Test
  void anyTextComesBack() {
    Tokenizer tokenizer = VOCABULARY.tokenizer();
    String text = "\u00c5ngstr\u00f6m met 3 foxes,\n\n\"hello\" \ud83e\udd8a!";
    int[] ids = tokenizer.encode(text, tokenizer.defaultOptions()).ids();
    assertEquals(text, tokenizer.decode(ids, false));
  }

  @Test
  void learntWordsAreFewTokens() {
    Tokenizer tokenizer = VOCABULARY.tokenizer();
    Documents documents = new Documents(2);
    int tokens = 0;
    int characters = 0;
    for (int i = 0; i < 20; i++) {
      String text = documents.next().getLast().text();
      tokens += tokenizer.encode(text, tokenizer.defaultOptions()).ids().length;
      characters += text.length();
    }
    assertTrue(tokens < characters / 2, tokens + " tokens for " + characters);
  }

  @Test
  void whatTheUserSaysIsNoTarget() {
    int length = 400;
    int[] tokens = new int[length];
    int[] targets = new int[length];
    Samples samples = new Samples(new Documents(3), VOCABULARY.tokenizer());
    int counted = 0;
    int seen = 0;
    boolean isUser = false;
    for (int i = 0; i < 20; i++) {
      seen += samples.fill(tokens, targets, 0, length);
      assertEquals(StoryVocabulary.BEGIN, tokens[0]);
      for (int at = 0; at + 1 < length; at++) {
        isUser = tokens[at] == StoryVocabulary.USER || (isUser && tokens[at] >= 4);
        boolean isMarker = tokens[at + 1] != StoryVocabulary.END && tokens[at + 1] < 4;
        int expected = isUser || isMarker ? DecoderPass.NO_TARGET : tokens[at + 1];
        assertEquals(expected, targets[at], "at " + at);
      }
      for (int target : targets) {
        counted += target == DecoderPass.NO_TARGET ? 0 : 1;
      }
    }
    assertEquals(counted, seen);
  }

  @Test
  void equalDocumentsGiveEqualVocabularies() {
    StoryVocabulary again = StoryVocabulary.learn(new Documents(1), 200, 500);
    assertArrayEquals(VOCABULARY.merges().toArray(), again.merges().toArray());
  }
}
