package io.lockstep.runtime.tokenizer;

/**
 * The tokens that single characters of a word are before anything is merged.
 *
 * @param prefix begins the spelling of those that do not begin the word
 * @param suffix ends the spelling of the one that ends it
 */
record Symbols(TokenTrie vocabulary, String prefix, String suffix) {

  Symbols(TokenTrie vocabulary) {
    this(vocabulary, "", "");
  }

  /** Id of the token of code units {@code from} to {@code to}, or {@link TokenTrie#NONE}. */
  int idAt(String text, int from, int to, boolean isFirst, boolean isLast) {
    int node = isFirst ? TokenTrie.ROOT : vocabulary.walk(TokenTrie.ROOT, prefix);
    for (int i = from; i < to && node != TokenTrie.NONE; i++) {
      node = vocabulary.child(node, text.charAt(i));
    }
    return vocabulary.token(isLast ? vocabulary.walk(node, suffix) : node);
  }
}
