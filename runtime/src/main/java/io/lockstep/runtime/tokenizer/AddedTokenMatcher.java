package io.lockstep.runtime.tokenizer;

import io.lockstep.runtime.pattern.Characters;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds added tokens in text, leftmost first and the longest of those that start together. */
final class AddedTokenMatcher {

  private final TokenTrie spellings = new TokenTrie();
  private final Map<Integer, AddedToken> tokens = new HashMap<>(); // by id

  /** An added token at code units {@code start} to {@code stop}, swallowed spaces included. */
  record Match(AddedToken token, int start, int stop) {}

  /** Adds a token under the spelling it has in the text that will be searched. */
  void add(String spelling, AddedToken token) {
    if (!spelling.isEmpty()) {
      spellings.add(spelling, token.id());
      tokens.put(token.id(), token);
    }
  }

  /** The first match at or after {@code from}; null when there is none. */
  @Nullable Match find(String text, int from) {
    if (tokens.isEmpty()) {
      return null;
    }
    int start = from;
    while (start < text.length()) {
      int node = spellings.longest(text, start, text.length(), TokenTrie.ROOT);
      if (node == TokenTrie.NONE) {
        start++;
        continue;
      }
      int stop = start + spellings.depth(node);
      AddedToken token = tokens.get(spellings.token(node));
      if (token != null && (!token.singleWord() || standsAlone(text, start, stop))) {
        return new Match(
            token,
            token.takesSpaceBefore() ? skipSpaceBefore(text, start, from) : start,
            token.takesSpaceAfter() ? skipSpaceAfter(text, stop) : stop);
      }
      start = stop;
    }
    return null;
  }

  private static boolean standsAlone(String text, int start, int stop) {
    return (start == 0 || !Characters.isWordCharacter(text.codePointBefore(start)))
        && (stop == text.length() || !Characters.isWordCharacter(text.codePointAt(stop)));
  }

  /** White space is always one code unit: all of it lies in the basic plane. */
  private static int skipSpaceBefore(String text, int start, int limit) {
    while (start > limit && Characters.isWhiteSpace(text.charAt(start - 1))) {
      start--;
    }
    return start;
  }

  private static int skipSpaceAfter(String text, int stop) {
    while (stop < text.length() && Characters.isWhiteSpace(text.charAt(stop))) {
      stop++;
    }
    return stop;
  }
}
