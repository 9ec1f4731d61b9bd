package io.lockstep.runtime.importer.gguf;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Writes the vocabulary of a GGUF file as the tokenizer.json that its family publishes. */
public final class TokenizerJsonFile {

  private static final String KEYS = "tokenizer.ggml.";
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String CJK = "[\\u4e00-\\u9fa5\\u0800-\\u4e00\\uac00-\\ud7ff]+";
  private static final String CASED =
      "\\\\s?[\\\\p{Lu}\\\\p{Ll}\\\\p{Lt}&&[^\\\\u10D0-\\\\u10FF\\\\x{1D400}-\\\\x{1D7FF}]]+";
  private static final String SIGNS =
      "\\\\s?[!-/:-~\\uff01-\\uff0f\\uff1a-\\uff5e\\u2018-\\u201f\\u3000-\\u3002]+";
  private static final String BYTES =
      "{\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"trim_offsets\": true,"
          + " \"use_regex\": %s}";
  private static final String DIGITS = "{\"type\": \"Digits\", \"individual_digits\": %s}";
  private static final String LLAMA_DECODER =
      """
      {"type": "Sequence", "decoders": [
        {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
        {"type": "ByteFallback"}, {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}\
      """;

  /** How a family splits and spells. */
  public enum Family {
    GPT2("null", BYTES.formatted(true)),
    STARCODER("null", sequence(DIGITS.formatted(true), BYTES.formatted(true))),
    FALCON(
        "null",
        sequence(
            "{\"type\": \"Punctuation\", \"behavior\": \"Contiguous\"}",
            BYTES.formatted(true),
            DIGITS.formatted(false),
            split("[0-9][0-9][0-9]"))),
    DEEPSEEK_LLM(
        "{\"type\": \"Sequence\", \"normalizers\": []}",
        sequence(
            split("[\\r\\n]"),
            split(CASED),
            split(SIGNS),
            split("\\\\s+$"),
            split(CJK),
            DIGITS.formatted(true),
            BYTES.formatted(false))),
    DEEPSEEK_CODER(
        "{\"type\": \"Sequence\", \"normalizers\": []}",
        sequence(
            split("[\\r\\n]"),
            split("\\\\s?\\\\p{L}+"),
            split("\\\\s?\\\\p{P}+"),
            split(CJK),
            DIGITS.formatted(true),
            BYTES.formatted(false))),
    LLAMA(
        """
        {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "\u2581"},
          {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]}\
        """,
        "null");

    private final String normalizer;
    private final String preTokenizer;

    Family(String normalizer, String preTokenizer) {
      this.normalizer = normalizer;
      this.preTokenizer = preTokenizer;
    }

    private boolean isSentencePiece() {
      return this == LLAMA;
    }

    private static String sequence(String... parts) {
      return "{\"type\": \"Sequence\", \"pretokenizers\": [" + String.join(", ", parts) + "]}";
    }

    private static String split(String regex) {
      return "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"%s\"}, \"behavior\": \"Isolated\"}"
          .formatted(regex);
    }
  }

  private final GgufMetadata metadata;
  private final String[] tokens;
  private final ObjectNode model = MAPPER.createObjectNode();
  private final ObjectNode document = MAPPER.createObjectNode();

  private TokenizerJsonFile(GgufMetadata metadata) {
    this.metadata = metadata;
    tokens = metadata.strings(KEYS + "tokens").orElseThrow();
  }

  /**
   * The bytes of the file.
   *
   * @param asPairs whether merges are written as pairs and not as texts
   */
  public static byte[] of(GgufMetadata metadata, Family family, boolean asPairs) {
    TokenizerJsonFile file = new TokenizerJsonFile(metadata);
    try {
      file.document.set("normalizer", MAPPER.readTree(family.normalizer));
      file.document.set("pre_tokenizer", MAPPER.readTree(family.preTokenizer));
      file.document.set(
          "decoder",
          MAPPER.readTree(family.isSentencePiece() ? LLAMA_DECODER : "{\"type\": \"ByteLevel\"}"));
      file.addTokens();
      file.model.put("type", "BPE").put("byte_fallback", family.isSentencePiece());
      file.model.put("fuse_unk", family.isSentencePiece());
      file.addMerges(family, asPairs);
      file.document.set("model", file.model);
      return MAPPER.writeValueAsBytes(file.document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private void addTokens() {
    long[] types = metadata.integers(KEYS + "token_type").orElseThrow();
    ArrayNode added = document.putArray("added_tokens");
    ObjectNode vocabulary = model.putObject("vocab");
    for (int id = 0; id < tokens.length; id++) {
      boolean isSpecial = types[id] == 2 || types[id] == 3;
      if (isSpecial || types[id] == 4) {
        added
            .addObject()
            .put("id", id)
            .put("content", tokens[id])
            .put("normalized", false)
            .put("special", isSpecial);
      }
      vocabulary.put(tokens[id], id);
    }
  }

  private void addMerges(Family family, boolean asPairs) {
    ArrayNode merges = model.putArray("merges");
    for (String[] pair : family.isSentencePiece() ? ofScores() : ofFile()) {
      if (asPairs) {
        merges.addArray().add(pair[0]).add(pair[1]);
      } else {
        merges.add(pair[0] + " " + pair[1]);
      }
    }
  }

  private List<String[]> ofFile() {
    List<String[]> pairs = new ArrayList<>();
    for (String merge : metadata.strings(KEYS + "merges").orElseThrow()) {
      int space = merge.indexOf(' ', 1);
      pairs.add(new String[] {merge.substring(0, space), merge.substring(space + 1)});
    }
    return pairs;
  }

  /**
   * All ways to make a token of two, by the score of the token, as the families' files list them.
   */
  private List<String[]> ofScores() {
    double[] scores = metadata.numbers(KEYS + "scores").orElseThrow();
    Map<String, Integer> ids = new HashMap<>();
    for (int id = 0; id < tokens.length; id++) {
      ids.put(tokens[id], id);
    }
    record Merge(int left, int right, double score) {}

    List<Merge> merges = new ArrayList<>();
    for (int id = 0; id < tokens.length; id++) {
      for (int cut = 1; cut < tokens[id].length(); cut++) {
        Integer left = ids.get(tokens[id].substring(0, cut));
        Integer right = ids.get(tokens[id].substring(cut));
        if (left != null && right != null) {
          merges.add(new Merge(left, right, scores[id]));
        }
      }
    }
    merges.sort(
        Comparator.comparingDouble(Merge::score)
            .reversed()
            .thenComparingInt(Merge::left)
            .thenComparingInt(Merge::right));
    return merges.stream()
        .map(merge -> new String[] {tokens[merge.left()], tokens[merge.right()]})
        .toList();
  }
}
