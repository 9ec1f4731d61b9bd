package io.lockstep.runtime.tokenizer;

import io.lockstep.runtime.pattern.Characters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/** Reads the {@code pre_tokenizer} of a tokenizer.json; a new kind is one line here. */
final class PreTokenizerReader {

  private static final PartTable<PreTokenizer> TABLE =
      new PartTable<>(
          Map.ofEntries(
              Map.entry("Sequence", PreTokenizerReader::sequence),
              Map.entry("ByteLevel", (part, _) -> byteLevel(part)),
              Map.entry("Split", PreTokenizerReader::split),
              Map.entry("Metaspace", (part, _) -> metaspace(part)),
              Map.entry("Digits", (part, _) -> digits(part)),
              Map.entry("Whitespace", (_, _) -> words()),
              Map.entry("WhitespaceSplit", (_, _) -> removing(Characters::isWhiteSpace)),
              Map.entry("Punctuation", (part, _) -> punctuation(part)),
              Map.entry("CharDelimiterSplit", (part, _) -> delimiter(part)),
              Map.entry("BertPreTokenizer", (_, _) -> new BertPreTokenizer())),
          PreTokenizer.NONE);

  private PreTokenizerReader() {}

  static PreTokenizer read(JsonField part, UnsupportedParts unsupported) {
    return TABLE.read(part, unsupported);
  }

  private static PreTokenizer sequence(JsonField part, UnsupportedParts unsupported) {
    return PreTokenizer.sequence(TABLE.readAll(part.get("pretokenizers"), unsupported));
  }

  private static PreTokenizer byteLevel(JsonField part) {
    List<PreTokenizer> steps = new ArrayList<>();
    if (part.get("add_prefix_space").flagOr(true)) {
      steps.add(new PrefixSpace());
    }
    if (part.get("use_regex").flagOr(true)) {
      steps.add(TextSplit.isolating(PreTokenizers.GPT2));
    }
    steps.add(new ByteLevelText());
    return PreTokenizer.sequence(steps);
  }

  private static PreTokenizer split(JsonField part, UnsupportedParts unsupported) {
    return new TextSplit(
        SegmenterReader.read(part.get("pattern"), unsupported),
        behavior(part.get("behavior")),
        part.get("invert").flagOr(false));
  }

  private static SplitBehavior behavior(JsonField field) {
    return switch (field.text()) {
      case "Removed", "removed" -> SplitBehavior.REMOVED;
      case "Isolated", "isolated" -> SplitBehavior.ISOLATED;
      case "MergedWithPrevious", "merged_with_previous" -> SplitBehavior.MERGED_WITH_PREVIOUS;
      case "MergedWithNext", "merged_with_next" -> SplitBehavior.MERGED_WITH_NEXT;
      case "Contiguous", "contiguous" -> SplitBehavior.CONTIGUOUS;
      default -> throw field.expected("a behavior such as Isolated");
    };
  }

  /** The marker's field is as often there as not; {@code add_prefix_space} is the older form. */
  static Metaspace metaspace(JsonField part) {
    boolean isPrefixed = part.get("add_prefix_space").flagOr(true);
    JsonField scheme = part.get("prepend_scheme");
    JsonField marker = part.get("replacement");
    String sign = marker.textOr(String.valueOf(SpaceMarkers.MARKER));
    if (sign.codePointCount(0, sign.length()) != 1) {
      throw marker.expected("one character");
    }
    return new Metaspace(
        sign,
        switch (scheme.textOr(isPrefixed ? "always" : "never")) {
          case "always" -> Metaspace.Scheme.ALWAYS;
          case "first" -> Metaspace.Scheme.FIRST;
          case "never" -> Metaspace.Scheme.NEVER;
          default -> throw scheme.expected("always, first or never");
        },
        part.get("split").flagOr(true));
  }

  private static PreTokenizer digits(JsonField part) {
    boolean individual = part.get("individual_digits").flagOr(false);
    return new TextSplit(
        Segmenter.characters(PreTokenizerReader::isNumeric),
        individual ? SplitBehavior.ISOLATED : SplitBehavior.CONTIGUOUS,
        false);
  }

  private static boolean isNumeric(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
      default -> false;
    };
  }

  /** Runs of word characters, and of what is neither such nor white space. */
  private static PreTokenizer words() {
    return PreTokenizer.sequence(
        List.of(
            removing(Characters::isWhiteSpace),
            new TextSplit(
                Segmenter.characters(Characters::isWordCharacter),
                SplitBehavior.CONTIGUOUS,
                false)));
  }

  private static PreTokenizer removing(IntPredicate members) {
    return new TextSplit(Segmenter.characters(members), SplitBehavior.REMOVED, false);
  }

  private static PreTokenizer punctuation(JsonField part) {
    JsonField behavior = part.get("behavior");
    return new TextSplit(
        Segmenter.characters(Characters::isPunctuation),
        behavior.isAbsent() ? SplitBehavior.ISOLATED : behavior(behavior),
        false);
  }

  private static PreTokenizer delimiter(JsonField part) {
    String delimiter = part.get("delimiter").text();
    return new TextSplit(Segmenter.literal(delimiter), SplitBehavior.REMOVED, false);
  }
}
