package io.lockstep.runtime.tokenizer;

import io.lockstep.runtime.pattern.Characters;
import java.text.Normalizer;

/**
 * BERT's text clean-up: control characters go, white space becomes a plain space, ideographs stand
 * alone, accents are stripped, letters are lowered.
 *
 * @param cleanText drop control characters and U+FFFD, turn white space into U+0020
 * @param spaceIdeographs put spaces around CJK ideographs ({@code handle_chinese_chars})
 * @param stripAccents decompose (NFD) and drop non-spacing marks
 * @param lowercase lower every letter on its own, without regard to language or position
 */
record BertNormalizer(
    boolean cleanText, boolean spaceIdeographs, boolean stripAccents, boolean lowercase)
    implements TextNormalizer {

  /*
   * Every step looks at one code point alone, so one pass does what the reference does in four.
   * The one exception is canonical reordering inside NFD: it permutes neighbouring marks only, and
   * nearly all of those are non-spacing and dropped right after. Spacing marks written in
   * non-canonical order (a handful of Indic and Balinese signs) keep the order of the text. The
   * character classes are those of the JDK's Unicode version, newer than the reference's tables:
   * only characters assigned since may be classed differently.
   */

  /** Below it (the first letter with an accent, U+00C0) no character has a decomposition. */
  private static final int FIRST_DECOMPOSABLE = 0xC0;

  @Override
  public NormalizedText normalize(NormalizedText source) {
    String text = source.text();
    NormalizedText.Builder out = new NormalizedText.Builder(text.length());
    int next;
    for (int at = 0; at < text.length(); at = next) {
      int codePoint = text.codePointAt(at);
      next = at + Character.charCount(codePoint);
      int start = source.originalStart(at);
      int stop = source.originalStop(next);
      if (cleanText) {
        if (isDropped(codePoint)) {
          continue;
        }
        if (Characters.isWhiteSpace(codePoint)) {
          codePoint = ' ';
        }
      }
      boolean alone = spaceIdeographs && isIdeograph(codePoint);
      if (alone) {
        out.add(' ', start, stop);
      }
      if (stripAccents && codePoint >= FIRST_DECOMPOSABLE) {
        addWithoutAccents(out, codePoint, start, stop);
      } else {
        addLowered(out, codePoint, start, stop);
      }
      if (alone) {
        out.add(' ', start, stop);
      }
    }
    return out.build();
  }

  private void addWithoutAccents(NormalizedText.Builder out, int codePoint, int start, int stop) {
    String decomposed = Normalizer.normalize(Character.toString(codePoint), Normalizer.Form.NFD);
    for (int i = 0; i < decomposed.length(); ) {
      int part = decomposed.codePointAt(i);
      if (Character.getType(part) != Character.NON_SPACING_MARK) {
        addLowered(out, part, start, stop);
      }
      i += Character.charCount(part);
    }
  }

  private void addLowered(NormalizedText.Builder out, int codePoint, int start, int stop) {
    if (lowercase) {
      CharacterRules.LOWERCASE.append(codePoint, start, stop, out);
    } else {
      out.add(codePoint, start, stop);
    }
  }

  /** NUL, the replacement character, and Cc, Cf, Co, Cs except tab, line feed and return. */
  private static boolean isDropped(int codePoint) {
    if (codePoint == '\t' || codePoint == '\n' || codePoint == '\r') {
      return false;
    }
    if (codePoint == 0xFFFD) {
      return true;
    }
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL, Character.FORMAT, Character.PRIVATE_USE, Character.SURROGATE -> true;
      default -> false;
    };
  }

  /** The ranges of the reference, which leave out U+2B820 to U+2B91F. */
  private static boolean isIdeograph(int codePoint) {
    return codePoint >= 0x3400
        && (codePoint <= 0x4DBF
            || (codePoint >= 0x4E00 && codePoint <= 0x9FFF)
            || (codePoint >= 0xF900 && codePoint <= 0xFAFF)
            || (codePoint >= 0x20000 && codePoint <= 0x2A6DF)
            || (codePoint >= 0x2A700 && codePoint <= 0x2B81F)
            || (codePoint >= 0x2B920 && codePoint <= 0x2CEAF)
            || (codePoint >= 0x2F800 && codePoint <= 0x2FA1F));
  }
}
