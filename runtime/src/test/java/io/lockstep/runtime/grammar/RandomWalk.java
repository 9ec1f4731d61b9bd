package io.lockstep.runtime.grammar;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.lockstep.runtime.TestFolders;
import io.lockstep.runtime.importer.gguf.GgufFile;
import io.lockstep.runtime.importer.gguf.GgufTokenizers;
import io.lockstep.runtime.tokenizer.IncrementalDetokenizer;
import io.lockstep.runtime.tokenizer.Tokenizer;
import java.util.BitSet;
import java.util.Random;

/** Texts made of random tokens among those that a grammar allows. */
final class RandomWalk {

  /** Tokens that lead towards the end of JSON. */
  private static final byte[] CLOSING = {'"', '}', ']'};

  private final Tokenizer tokenizer;
  private final GrammarVocabulary vocabulary;
  private final BitSet closing = new BitSet(); // ids

  RandomWalk(String file) {
    try (GgufFile gguf = GgufFile.open(TestFolders.testdata(file))) {
      tokenizer = GgufTokenizers.read(gguf.metadata());
    }
    vocabulary = new GrammarVocabulary(tokenizer);
    for (int id = 0; id < vocabulary.size(); id++) {
      byte[] bytes = vocabulary.bytes(id);
      for (byte value : CLOSING) {
        closing.set(id, closing.get(id) || (bytes.length == 1 && bytes[0] == value));
      }
    }
  }

  GrammarVocabulary vocabulary() {
    return vocabulary;
  }

  GrammarState start(Grammar grammar) {
    return grammar.start(vocabulary);
  }

  /** Chooses until the text ends, prefers to end, and gives up at {@code limit} tokens. */
  String walk(GrammarState state, int limit, Random random) {
    IncrementalDetokenizer detokenizer = tokenizer.detokenizer(true, false);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < limit && !state.isOver(); i++) {
      if (state.isComplete() && random.nextBoolean()) {
        break;
      }
      BitSet mask = state.mask();
      assertFalse(mask.isEmpty(), "a dead end after " + text);
      if (random.nextInt(4) == 0 && mask.intersects(closing)) {
        mask = (BitSet) mask.clone();
        mask.and(closing);
      }
      int id = mask.nextSetBit(random.nextInt(mask.length()));
      text.append(detokenizer.add(id));
      state.accept(id);
    }
    return text.append(detokenizer.finish()).toString();
  }
}
