package io.lockstep.runtime.tokenizer;

import io.lockstep.runtime.error.InvalidModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** All tokens of a tokenizer, the model's own and the added ones, by id and by spelling. */
final class Vocabulary {

  /** Ids at or above it are refused, since tables are indexed by id; real ones stay below 2^20. */
  static final int MAX_IDS = 1 << 22;

  private final TokenTrie spellings; // the model's own tokens
  private final @Nullable String[] tokens; // [ids], null where an id is unused
  private final Map<String, AddedToken> added; // by spelling, in the order of the file
  private final boolean[] special; // [ids]
  private final boolean[] isAdded; // [ids]

  private Vocabulary(
      TokenTrie spellings,
      @Nullable String[] tokens,
      Map<String, AddedToken> added,
      boolean[] special,
      boolean[] isAdded) {
    this.spellings = spellings;
    this.tokens = tokens;
    this.added = added;
    this.special = special;
    this.isAdded = isAdded;
  }

  /** The model's own tokens, without the added ones. */
  TokenTrie spellings() {
    return spellings;
  }

  List<AddedToken> addedTokens() {
    return new ArrayList<>(added.values());
  }

  int size() {
    return tokens.length;
  }

  OptionalInt idOf(String token) {
    AddedToken addedToken = added.get(token);
    int id =
        addedToken != null
            ? addedToken.id()
            : spellings.token(spellings.walk(TokenTrie.ROOT, token));
    return id == TokenTrie.NONE ? OptionalInt.empty() : OptionalInt.of(id);
  }

  Optional<String> tokenOf(int id) {
    return id < 0 || id >= tokens.length ? Optional.empty() : Optional.ofNullable(tokens[id]);
  }

  boolean isSpecial(int id) {
    return id >= 0 && id < special.length && special[id];
  }

  boolean isAdded(int id) {
    return id >= 0 && id < isAdded.length && isAdded[id];
  }

  Map<String, Integer> specialTokens() {
    Map<String, Integer> specials = new LinkedHashMap<>();
    added.forEach((spelling, token) -> {
      if (token.special()) {
        specials.put(spelling, token.id());
      }
    });
    return specials;
  }

  /** Collects tokens and checks that no id is given twice. */
  static final class Builder {

    private final TokenTrie spellings = new TokenTrie();
    private final Map<String, AddedToken> added = new LinkedHashMap<>();
    private @Nullable String[] tokens = new String[1 << 10]; // [capacity]
    private int size;
    private final int maxSpelling; // code units

    Builder(int maxSpelling) {
      this.maxSpelling = maxSpelling;
    }

    void add(String token, int id) {
      claim(token, id);
      if (!token.isEmpty()) {
        spellings.add(token, id);
      }
    }

    void add(AddedToken token) {
      claim(token.content(), token.id());
      added.put(token.content(), token);
    }

    private void claim(String token, int id) {
      if (token.length() > maxSpelling) {
        throw new InvalidModelException(
            "the token of the tokenizer that starts with \"%s\" has %d characters, more than %d"
                .formatted(token.substring(0, 20), token.length(), maxSpelling));
      }
      if (id < 0 || id >= MAX_IDS) {
        throw new InvalidModelException(
            "tokenizer gives token \"%s\" the id %d, outside 0 to %d"
                .formatted(token, id, MAX_IDS - 1));
      }
      if (id >= tokens.length) {
        tokens = Arrays.copyOf(tokens, Math.max(id + 1, tokens.length * 2));
      }
      String holder = tokens[id];
      if (holder != null && !holder.equals(token)) {
        throw new InvalidModelException(
            "tokenizer gives id %d to both \"%s\" and \"%s\"".formatted(id, holder, token));
      }
      tokens[id] = token;
      size = Math.max(size, id + 1);
    }

    Vocabulary build() {
      boolean[] special = new boolean[size];
      boolean[] isAdded = new boolean[size];
      for (AddedToken token : added.values()) {
        special[token.id()] |= token.special();
        isAdded[token.id()] = true;
      }
      return new Vocabulary(
          spellings, Arrays.copyOf(tokens, size), new LinkedHashMap<>(added), special, isAdded);
    }
  }
}
