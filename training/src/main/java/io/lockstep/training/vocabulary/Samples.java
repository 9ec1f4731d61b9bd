package io.lockstep.training.vocabulary;

import io.lockstep.runtime.tokenizer.Tokenizer;
import io.lockstep.training.network.DecoderPass;
import io.lockstep.training.text.Documents;
import io.lockstep.training.text.Documents.Speaker;
import io.lockstep.training.text.Documents.Turn;
import java.util.ArrayList;
import java.util.List;

/** Sequences of one length for training, each full of documents, the last of which is cut off. */
public final class Samples {

  private final Documents documents;
  private final Tokenizer tokenizer;

  public Samples(Documents documents, Tokenizer tokenizer) {
    this.documents = documents;
    this.tokenizer = tokenizer;
  }

  /** A token, and whether the model shall learn to say it. */
  private record Item(int token, boolean isLearnt) {}

  /**
   * Fills the next sequence.
   *
   * @param tokens takes {@code length} tokens from index {@code from} on
   * @param targets takes the tokens that follow each, or {@link DecoderPass#NO_TARGET} where the
   *     user speaks
   * @return how many targets count
   */
  public int fill(int[] tokens, int[] targets, int from, int length) {
    List<Item> items = new ArrayList<>();
    while (items.size() <= length) {
      add(documents.next(), items);
    }
    int counted = 0;
    for (int i = 0; i < length; i++) {
      Item next = items.get(i + 1);
      tokens[from + i] = items.get(i).token();
      targets[from + i] = next.isLearnt() ? next.token() : DecoderPass.NO_TARGET;
      counted += next.isLearnt() ? 1 : 0;
    }
    return counted;
  }

  private void add(List<Turn> document, List<Item> items) {
    items.add(new Item(StoryVocabulary.BEGIN, false));
    for (Turn turn : document) {
      boolean isLearnt = turn.speaker() != Speaker.USER;
      switch (turn.speaker()) {
        case NONE -> {}
        case USER -> items.add(new Item(StoryVocabulary.USER, false));
        case ASSISTANT -> items.add(new Item(StoryVocabulary.ASSISTANT, false));
      }
      for (int id : tokenizer.encode(turn.text(), tokenizer.defaultOptions()).ids()) {
        items.add(new Item(id, isLearnt));
      }
      items.add(new Item(StoryVocabulary.END, isLearnt));
    }
  }
}
