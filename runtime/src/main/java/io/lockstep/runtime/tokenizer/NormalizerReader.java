package io.lockstep.runtime.tokenizer;

import java.text.Normalizer;
import java.util.List;
import java.util.Map;

/** Reads the {@code normalizer} of a tokenizer.json; a new kind is one line here. */
final class NormalizerReader {

  private static final PartTable<TextNormalizer> TABLE =
      new PartTable<>(
          Map.ofEntries(
              Map.entry("Sequence", NormalizerReader::sequence),
              Map.entry("BertNormalizer", (part, _) -> bert(part)),
              Map.entry("NFC", (_, _) -> new UnicodeForm(Normalizer.Form.NFC)),
              Map.entry("NFD", (_, _) -> new UnicodeForm(Normalizer.Form.NFD)),
              Map.entry("NFKC", (_, _) -> new UnicodeForm(Normalizer.Form.NFKC)),
              Map.entry("NFKD", (_, _) -> new UnicodeForm(Normalizer.Form.NFKD)),
              Map.entry("Lowercase", (_, _) -> CharacterRules.LOWERCASE),
              Map.entry("StripAccents", (_, _) -> CharacterRules.STRIP_ACCENTS),
              Map.entry("Nmt", (_, _) -> CharacterRules.NMT),
              Map.entry("Replace", NormalizerReader::replace),
              Map.entry("Prepend", (part, _) -> new PrependText(part.get("prepend").text())),
              Map.entry("Strip", (part, _) -> strip(part)),
              Map.entry("Precompiled", (part, _) -> precompiled(part)),
              Map.entry("ByteLevel", (_, _) -> new ByteLevelText())),
          TextNormalizer.NONE);

  private NormalizerReader() {}

  static TextNormalizer read(JsonField part, UnsupportedParts unsupported) {
    return TABLE.read(part, unsupported);
  }

  private static TextNormalizer sequence(JsonField part, UnsupportedParts unsupported) {
    List<TextNormalizer> steps = TABLE.readAll(part.get("normalizers"), unsupported);
    return text -> {
      NormalizedText normalized = text;
      for (TextNormalizer step : steps) {
        normalized = step.normalize(normalized);
      }
      return normalized;
    };
  }

  private static BertNormalizer bert(JsonField part) {
    boolean lowercase = part.get("lowercase").flagOr(true);
    return new BertNormalizer(
        part.get("clean_text").flagOr(true),
        part.get("handle_chinese_chars").flagOr(true),
        part.get("strip_accents").flagOr(lowercase),
        lowercase);
  }

  private static ReplaceText replace(JsonField part, UnsupportedParts unsupported) {
    return new ReplaceText(
        SegmenterReader.read(part.get("pattern"), unsupported), part.get("content").text());
  }

  private static StripText strip(JsonField part) {
    return new StripText(
        part.get("strip_left").flagOr(false), part.get("strip_right").flagOr(false));
  }

  private static TextNormalizer precompiled(JsonField part) {
    JsonField map = part.get("precompiled_charsmap");
    return map.textOr("").isEmpty() ? TextNormalizer.NONE : CharacterMap.ofBase64(map.text());
  }
}
