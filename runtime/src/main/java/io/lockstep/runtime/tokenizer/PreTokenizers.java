package io.lockstep.runtime.tokenizer;

import io.lockstep.runtime.error.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The patterns by which families of byte-level models split text, by their name in GGUF files. */
final class PreTokenizers {

  private static final String CONTRACTIONS = "'s|'t|'re|'ve|'m|'ll|'d";

  /** How GPT-2 splits, and all that name no pattern. */
  static final String GPT2 =
      CONTRACTIONS + "| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  private static final String CJK = "[\\u0800-\\u9FA5\\uAC00-\\uD7FF]+";

  /** Cased letters, without those that Unicode added to them after the model was trained. */
  private static final String CASED =
      "[\\p{Lu}\\p{Ll}\\p{Lt}&&[^\\u10D0-\\u10FF\\x{1D400}-\\x{1D7FF}]]";

  private static final List<String> DIGIT_BY_DIGIT = List.of("\\p{N}", GPT2);
  private static final List<String> LLAMA3 = List.of(words("\\p{N}{1,3}"));
  private static final List<String> QWEN2 = List.of(words("\\p{N}"));
  private static final List<String> GPT4O = List.of(casedWords("(?i:" + CONTRACTIONS + ")?", 3));

  private static final Map<String, List<String>> BY_NAME =
      Map.ofEntries(
          Map.entry("default", List.of("[\\p{P}$+<=>^~|]+", GPT2, "\\p{N}+", "[0-9][0-9][0-9]")),
          Map.entry("gpt-2", List.of(GPT2)),
          Map.entry("phi-2", List.of(GPT2)),
          Map.entry("mpt", List.of(GPT2)),
          Map.entry("olmo", List.of(GPT2)),
          Map.entry("jais", List.of(GPT2)),
          Map.entry("exaone4", List.of(GPT2)),
          Map.entry("starcoder", DIGIT_BY_DIGIT),
          Map.entry("refact", DIGIT_BY_DIGIT),
          Map.entry("command-r", DIGIT_BY_DIGIT),
          Map.entry("smollm", DIGIT_BY_DIGIT),
          Map.entry("codeshell", DIGIT_BY_DIGIT),
          Map.entry("exaone", DIGIT_BY_DIGIT),
          Map.entry("llama3", LLAMA3),
          Map.entry("llama-v3", LLAMA3),
          Map.entry("llama-bpe", LLAMA3),
          Map.entry("falcon3", LLAMA3),
          Map.entry("dbrx", LLAMA3),
          Map.entry("smaug-bpe", LLAMA3),
          Map.entry("qwen2", QWEN2),
          Map.entry("stablelm2", QWEN2),
          Map.entry("deepseek-r1-qwen", QWEN2),
          Map.entry("tekken", List.of(casedWords("", 1))),
          Map.entry("gpt-4o", GPT4O),
          Map.entry("llama4", GPT4O),
          Map.entry("falcon", List.of("[\\p{P}$+<=>^~|`]+", GPT2, "[0-9][0-9][0-9]")),
          Map.entry(
              "deepseek-llm",
              List.of(
                  "[\\r\\n]",
                  "\\s?" + CASED + "+",
                  "\\s?[!-/:-~\\uFF01-\\uFF0F\\uFF1A-\\uFF5E\\u2018-\\u201F\\u3000-\\u3002]+",
                  "\\s+\\z",
                  CJK,
                  "\\p{N}+")),
          Map.entry(
              "deepseek-coder", List.of("[\\r\\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", CJK, "\\p{N}")));

  private PreTokenizers() {}

  /** Splits as the family does, then spells words in bytes. */
  static PreTokenizer byteLevel(String name) {
    List<String> patterns = BY_NAME.get(name);
    if (patterns == null) {
      throw new UnsupportedModelException(
          "the tokenizer splits text like '%s', which is not among %s"
              .formatted(name, String.join(", ", new TreeSet<>(BY_NAME.keySet()))));
    }
    List<PreTokenizer> steps = new ArrayList<>();
    patterns.forEach(pattern -> steps.add(TextSplit.isolating(pattern)));
    steps.add(new ByteLevelText());
    return PreTokenizer.sequence(steps);
  }

  /** Words with one leading sign, numbers as given, signs with line ends, white space. */
  private static String words(String number) {
    return "(?i:"
        + CONTRACTIONS
        + ")|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|"
        + number
        + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  }

  /** The same with words cut before a capital that follows a small letter. */
  private static String casedWords(String ending, int digits) {
    String upper = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    String lower = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
    String sign = "[^\\r\\n\\p{L}\\p{N}]?";
    return sign
        + upper
        + "*"
        + lower
        + "+"
        + ending
        + "|"
        + sign
        + upper
        + "+"
        + lower
        + "*"
        + ending
        + "|\\p{N}{1,"
        + digits
        + "}"
        + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  }
}
