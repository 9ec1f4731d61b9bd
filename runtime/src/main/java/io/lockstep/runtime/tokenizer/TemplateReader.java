package io.lockstep.runtime.tokenizer;

import io.lockstep.runtime.tokenizer.Template.Piece;
import java.util.ArrayList;
import java.util.List;

/** Reads the {@code post_processor} of a tokenizer.json. */
final class TemplateReader {

  private TemplateReader() {}

  /** The template; the bare one when there is no post-processor. */
  static Template read(JsonField processor, int vocabularySize, UnsupportedParts unsupported) {
    if (processor.isAbsent()) {
      return Template.BARE;
    }
    String type = processor.get("type").text();
    return switch (type) {
      case "TemplateProcessing" -> template(processor, vocabularySize);
      case "BertProcessing" -> bert(processor, vocabularySize);
      case "RobertaProcessing" -> roberta(processor, vocabularySize);
      case "ByteLevel" -> Template.BARE.trimmingOffsets(processor.get("trim_offsets").flagOr(true));
      case "Sequence" -> sequence(processor, vocabularySize, unsupported);
      default -> {
        unsupported.add(processor, type);
        yield Template.BARE;
      }
    };
  }

  /** At most one template, and any number of those that only trim offsets. */
  private static Template sequence(
      JsonField processor, int vocabularySize, UnsupportedParts unsupported) {
    Template all = Template.BARE;
    for (JsonField part : processor.get("processors").elements()) {
      Template next = read(part, vocabularySize, unsupported);
      boolean trims = all.trimsOffsets() || next.trimsOffsets();
      boolean adds = !next.trimmingOffsets(false).equals(Template.BARE);
      if (adds && !all.trimmingOffsets(false).equals(Template.BARE)) {
        unsupported.add(part, "a second template");
      }
      all = (adds ? next : all).trimmingOffsets(trims);
    }
    return all;
  }

  private static Template template(JsonField processor, int vocabularySize) {
    List<Piece> single = pieces(processor, "single", vocabularySize);
    List<Piece> pair = pieces(processor, "pair", vocabularySize);
    requireTexts(processor.get("single"), single, 1);
    requireTexts(processor.get("pair"), pair, 2);
    return new Template(single, pair, false);
  }

  /** {@code <s> A </s>} and {@code <s> A </s></s> B </s>}, all of type 0. */
  private static Template roberta(JsonField processor, int vocabularySize) {
    Piece cls = Piece.special(secondElement(processor.get("cls"), vocabularySize), 0);
    Piece sep = Piece.special(secondElement(processor.get("sep"), vocabularySize), 0);
    Piece first = Piece.text(0, 0);
    return new Template(
        List.of(cls, first, sep),
        List.of(cls, first, sep, sep, Piece.text(1, 0), sep),
        processor.get("trim_offsets").flagOr(true));
  }

  /**
   * {@code [CLS] A [SEP]} and {@code [CLS] A [SEP] B [SEP]}, the ids given as (token, id) pairs.
   */
  private static Template bert(JsonField processor, int vocabularySize) {
    int cls = secondElement(processor.get("cls"), vocabularySize);
    int sep = secondElement(processor.get("sep"), vocabularySize);
    List<Piece> single = List.of(Piece.special(cls, 0), Piece.text(0, 0), Piece.special(sep, 0));
    List<Piece> pair = new ArrayList<>(single);
    pair.add(Piece.text(1, 1));
    pair.add(Piece.special(sep, 1));
    return new Template(single, pair, false);
  }

  private static int secondElement(JsonField tokenAndId, int vocabularySize) {
    List<JsonField> elements = tokenAndId.elements();
    if (elements.size() != 2) {
      throw tokenAndId.expected("a token and its id");
    }
    return id(elements.get(1), vocabularySize);
  }

  private static List<Piece> pieces(JsonField processor, String name, int vocabularySize) {
    List<Piece> pieces = new ArrayList<>();
    for (JsonField element : processor.get(name).elements()) {
      JsonField text = element.get("Sequence");
      JsonField token = element.get("SpecialToken");
      if (!text.isAbsent()) {
        int sequence =
            switch (text.get("id").text()) {
              case "A" -> 0;
              case "B" -> 1;
              default -> throw text.get("id").expected("A or B");
            };
        pieces.add(Piece.text(sequence, text.get("type_id").integerOr(0)));
      } else if (!token.isAbsent()) {
        int typeId = token.get("type_id").integerOr(0);
        JsonField ids = processor.get("special_tokens").get(token.get("id").text()).get("ids");
        if (ids.isAbsent()) {
          throw ids.expected("the ids of a special token");
        }
        for (JsonField id : ids.elements()) {
          pieces.add(Piece.special(id(id, vocabularySize), typeId));
        }
      } else {
        throw element.expected("a Sequence or a SpecialToken");
      }
    }
    return pieces;
  }

  private static int id(JsonField field, int vocabularySize) {
    int id = field.integer();
    if (id < 0 || id >= vocabularySize) {
      throw field.expected("an id below " + vocabularySize);
    }
    return id;
  }

  /** Each text exactly once: a template that repeats one would multiply the length asked for. */
  private static void requireTexts(JsonField field, List<Piece> pieces, int texts) {
    for (int sequence = 0; sequence < 2; sequence++) {
      int wanted = sequence < texts ? 1 : 0;
      int text = sequence;
      if (pieces.stream().filter(piece -> piece.sequence() == text).count() != wanted) {
        throw field.expected(
            texts == 1 ? "a template with A once" : "a template with A and B once");
      }
    }
  }
}
