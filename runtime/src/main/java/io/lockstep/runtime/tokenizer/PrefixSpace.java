package io.lockstep.runtime.tokenizer;

/** Lets every word begin with a space. */
record PrefixSpace() implements PreTokenizer {

  @Override
  public Words split(Words words) {
    return words.rewritten((text, from, to, out) -> {
      if (text.text().charAt(from) != ' ') {
        out.add(' ', text.originalStart(from), text.originalStart(from));
      }
      out.add(text, from, to);
    });
  }
}
