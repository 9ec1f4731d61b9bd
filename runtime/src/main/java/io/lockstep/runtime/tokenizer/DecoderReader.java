package io.lockstep.runtime.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads the {@code decoder} of a tokenizer.json; a new kind is one line here. A sequence is built
 * from its end, each decoder around the one that comes after it.
 */
final class DecoderReader {

  /** Wraps what comes after it. */
  private interface Step {

    TokenDecoder around(TokenDecoder next, JsonField part);
  }

  /** Those that end a sequence. */
  private static final Map<String, Step> LAST =
      Map.of(
          "ByteLevel", (_, _) -> new ByteLevelDecoder(),
          "WordPiece", (_, part) -> wordPiece(part),
          "BPEDecoder", (_, part) -> new SuffixDecoder(part.get("suffix").textOr("</w>")));

  private static final Map<String, Step> STEPS =
      Map.of(
          "ByteFallback", (next, _) -> new ByteTokenDecoder(next),
          "Metaspace", DecoderReader::metaspace,
          "Fuse", (next, _) -> next);

  private final UnsupportedParts unsupported;

  private DecoderReader(UnsupportedParts unsupported) {
    this.unsupported = unsupported;
  }

  /** The decoder; without one, tokens are separated by spaces. */
  static TokenDecoder read(JsonField part, UnsupportedParts unsupported) {
    if (part.isAbsent()) {
      return new WordPieceDecoder("", false);
    }
    List<JsonField> steps = new ArrayList<>();
    flatten(part, steps);
    return new DecoderReader(unsupported).chain(steps);
  }

  private static void flatten(JsonField part, List<JsonField> out) {
    if (part.get("type").text().equals("Sequence")) {
      part.get("decoders").elements().forEach(step -> flatten(step, out));
    } else {
      out.add(part);
    }
  }

  private TokenDecoder chain(List<JsonField> steps) {
    int fuse = steps.stream().map(step -> step.get("type").text()).toList().indexOf("Fuse");
    TokenDecoder chain = TokenDecoder.PLAIN;
    for (int i = steps.size() - 1; i >= 0; i--) {
      boolean isWhole = fuse >= 0 && i > fuse;
      chain = around(chain, steps.get(i), isWhole, i == steps.size() - 1);
    }
    return chain;
  }

  /**
   * Puts a step before the rest.
   *
   * @param isWhole whether it gets the text as a whole and not its tokens
   */
  private TokenDecoder around(TokenDecoder next, JsonField part, boolean isWhole, boolean isLast) {
    String type = part.get("type").text();
    if (LAST.containsKey(type) && isLast && !isWhole) {
      return LAST.get(type).around(next, part);
    }
    if (STEPS.containsKey(type) && !isWhole) {
      return STEPS.get(type).around(next, part);
    }
    if (type.equals("Replace") && (!isWhole || isOneCharacter(part))) {
      ReplaceText replace =
          new ReplaceText(
              SegmenterReader.read(part.get("pattern"), unsupported), part.get("content").text());
      return (token, first, out) -> next.append(replace.replace(token), first, out);
    }
    if (type.equals("Strip")) {
      return strip(next, part, isWhole);
    }
    unsupported.add(part, isWhole || LAST.containsKey(type) ? type + " in this place" : type);
    return next;
  }

  private static boolean isOneCharacter(JsonField replace) {
    String literal = replace.get("pattern").get("String").textOr("");
    return literal.codePointCount(0, literal.length()) == 1;
  }

  private TokenDecoder strip(TokenDecoder next, JsonField part, boolean isWhole) {
    int start = part.get("start").integerOr(0);
    int stop = part.get("stop").integerOr(0);
    if (isWhole && (start > 1 || stop > 0)) {
      unsupported.add(part, "Strip of more than one character at the beginning of a text");
    }
    String content = part.get("content").textOr(" ");
    if (content.length() != 1) {
      throw part.get("content").expected("one character");
    }
    return new StripDecoder(content.charAt(0), start, stop, isWhole, next);
  }

  private static WordPieceDecoder wordPiece(JsonField part) {
    return new WordPieceDecoder(part.get("prefix").textOr("##"), part.get("cleanup").flagOr(true));
  }

  private static TokenDecoder metaspace(TokenDecoder next, JsonField part) {
    Metaspace metaspace = PreTokenizerReader.metaspace(part);
    boolean isPrefixed = metaspace.scheme() != Metaspace.Scheme.NEVER;
    return (token, first, out) -> {
      String text = token.replace(metaspace.marker(), " ");
      next.append(
          first && isPrefixed && text.startsWith(" ") ? text.substring(1) : text, first, out);
    };
  }
}
