package io.lockstep.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.UnsupportedModelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BytePairJsonTest {

  private static final String MODEL =
      """
      {"type": "BPE", "unk_token": "?", "vocab": {"?": 0, "a": 1, "b": 2, "c": 3, "ab": 4,
        "abc": 5, "bc": 6}, "merges": %s}\
      """;

  private static String tokens(String model, String text) {
    return JsonTokenizer.tokens(JsonTokenizer.of(model).build(), text);
  }

  @Test
  void readsMergesAsTextsAndAsPairs() {
    assertEquals("[ab][c][bc]", tokens(MODEL.formatted("[\"a b\", \"b c\"]"), "abcbc"));
    assertEquals("[a][bc]", tokens(MODEL.formatted("[[\"b\", \"c\"], [\"a\", \"b\"]]"), "abc"));
    assertEquals("[abc]", tokens(MODEL.formatted("[[\"b\", \"c\"], [\"a\", \"bc\"]]"), "abc"));
  }

  @Test
  void takesWholeWordsWithoutMergingWhenToldTo() {
    String model = MODEL.formatted("[\"a b\"]");
    assertEquals("[ab][c]", tokens(model, "abc"));
    assertEquals(
        "[abc]", tokens(model.replace("\"BPE\"", "\"BPE\", \"ignore_merges\": true"), "abc"));
  }

  @Test
  void fusesUnknownCharactersWhenToldTo() {
    String model = MODEL.formatted("[]");
    assertEquals("[a][?][?][b]", tokens(model, "axyb"));
    assertEquals(
        "[a][?][b]", tokens(model.replace("\"BPE\"", "\"BPE\", \"fuse_unk\": true"), "axyb"));
    assertEquals("[a][b]", tokens(model.replace("\"unk_token\": \"?\",", ""), "axyb"));
  }

  @Test
  void marksWhereWordsEndOrGoOn() {
    String ends =
        """
        {"type": "BPE", "end_of_word_suffix": "</w>", "vocab": {"a": 0, "b": 1, "a</w>": 2,
          "b</w>": 3, "ab</w>": 4}, "merges": ["a b</w>"]}\
        """;
    Tokenizer tokenizer =
        JsonTokenizer.of(ends)
            .splitting("{\"type\": \"WhitespaceSplit\"}")
            .decoding("{\"type\": \"BPEDecoder\", \"suffix\": \"</w>\"}")
            .build();
    assertEquals("[ab</w>][b][a</w>]", JsonTokenizer.tokens(tokenizer, "ab ba"));
    int[] ids = tokenizer.encode("ab ba", tokenizer.defaultOptions()).ids();
    assertEquals("ab ba", tokenizer.decode(ids, true));
    IncrementalDetokenizer detokenizer = tokenizer.detokenizer(true, true);
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(detokenizer.add(id));
    }
    assertEquals("ab ba", text.append(detokenizer.finish()).toString());
    String goesOn =
        """
        {"type": "BPE", "continuing_subword_prefix": "##", "vocab": {"a": 0, "##b": 1, "##a": 2,
          "ab": 3}, "merges": ["a ##b"]}\
        """;
    assertEquals("[ab][##a]", tokens(goesOn, "aba"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type':'Metaspace','prepend_scheme':'always'} | `ab a`",
        "{'type':'Metaspace','prepend_scheme':'never'} | ` ab a`",
        "{'type':'Metaspace','add_prefix_space':false} | ` ab a`",
        "{'type':'Replace','pattern':{'String':'\u2581'},'content':'-'} | `-ab-a`",
        "{'type':'Sequence','decoders':[{'type':'Replace','pattern':{'String':'\u2581'},"
            + "'content':' '},{'type':'Fuse'},{'type':'Strip','content':' ','start':1,'stop':0}]}"
            + " | `ab a`",
        "{'type':'Strip','content':'\u2581','start':1,'stop':0} | `aba`",
        "{'type':'Strip','content':'b','start':0,'stop':1} | `\u2581a\u2581a`",
        "null | `\u2581ab \u2581a`"
      })
  void decodesByEveryKind(String decoder, String expected) {
    String model =
        "{'type':'BPE','vocab':{'\u2581':0,'\u2581ab':1,'\u2581a':2},'merges':[]}"
            .replace('\'', '"');
    Tokenizer tokenizer = JsonTokenizer.of(model).decoding(decoder.replace('\'', '"')).build();
    assertEquals(expected, tokenizer.decode(new int[] {1, 2}, true));
  }

  @Test
  void listsWhatIsNotSupportedAtOnce() {
    UnsupportedModelException refused =
        assertThrows(
            UnsupportedModelException.class,
            () ->
                JsonTokenizer.of(
                        MODEL.formatted("[]").replace("\"BPE\"", "\"BPE\", \"dropout\": 0.1"))
                    .normalizing("{\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"Odd\"}]}")
                    .splitting("{\"type\": \"UnicodeScripts\"}")
                    .decoding(
                        "{\"type\": \"Sequence\", \"decoders\": [{\"type\": \"Fuse\"},"
                            + " {\"type\": \"ByteLevel\"}, {\"type\": \"CTC\"}]}")
                    .build());
    assertEquals(
        "tokenizer.json: not supported: normalizer.normalizers[0] Odd; pre_tokenizer"
            + " UnicodeScripts; model.dropout (merges that are left out by chance);"
            + " decoder.decoders[2] CTC in this place; decoder.decoders[1] ByteLevel in this place",
        refused.getMessage());
  }

  @Test
  void refusesMergesOfWhatIsNoToken() {
    InvalidModelException refused =
        assertThrows(InvalidModelException.class, () -> tokens(MODEL.formatted("[\"a x\"]"), "a"));
    assertEquals("the tokenizer merges 'x', which is no token", refused.getMessage());
    assertThrows(InvalidModelException.class, () -> tokens(MODEL.formatted("[[\"a\"]]"), "a"));
    assertThrows(InvalidModelException.class, () -> tokens(MODEL.formatted("[7]"), "a"));
  }

  @Test
  void findsAddedTokensBeforeAnythingElse() {
    Tokenizer tokenizer =
        JsonTokenizer.of(MODEL.formatted("[\"a b\"]"))
            .normalizing("{\"type\": \"Lowercase\"}")
            .build(
                "{\"id\": 7, \"content\": \"<AB>\", \"special\": true, \"rstrip\": true}",
                "{\"id\": 8, \"content\": \"CAB\", \"normalized\": true, \"single_word\": true}");
    int[] ids = tokenizer.encode("AB<AB>  c.cab.a", tokenizer.defaultOptions()).ids();
    assertArrayEquals(new int[] {4, 7, 3, 0, 8, 0, 1}, ids);
  }
}
