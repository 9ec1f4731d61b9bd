package io.lockstep.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.runtime.error.InvalidModelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PreTokenizersTest {

  private static PreTokenizer read(String json) {
    try {
      UnsupportedParts unsupported = new UnsupportedParts();
      PreTokenizer part =
          PreTokenizerReader.read(
              new JsonField(new ObjectMapper().readTree(json.replace('\'', '"')), "pre_tokenizer"),
              unsupported);
      unsupported.refuse();
      return part;
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private static String words(PreTokenizer part, String text, int from) {
    NormalizedText normalized = NormalizedText.of(text, from, text.length());
    Words words = part.split(Words.whole(normalized));
    StringBuilder all = new StringBuilder();
    for (int word = 0; word < words.count(); word++) {
      String spelling = words.text().text().substring(words.start(word), words.stop(word));
      all.append('[').append(spelling).append(']');
    }
    return all.toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "Removed | false | [a][b][c]",
        "Isolated | false | [a][-][-][b][-][c][-]",
        "MergedWithPrevious | false | [a-][-][b-][c-]",
        "MergedWithNext | false | [a][-][-b][-c][-]",
        "Contiguous | false | [a][--][b][-][c][-]",
        "Removed | true | [-][-][-][-]",
        "Isolated | true | [a][-][-][b][-][c][-]",
        "MergedWithPrevious | true | [a][-][-b][-c][-]",
        "MergedWithNext | true | [a-][-][b-][c-]"
      })
  void splitsByEveryBehaviour(String behavior, boolean inverted, String expected) {
    String json =
        "{'type':'Split','pattern':{'String':'-'},'behavior':'%s','invert':%s}"
            .formatted(behavior, inverted);
    assertEquals(expected, words(read(json), "a--b-c-", 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type':'Digits','individual_digits':true} | `a12½b` | `[a][1][2][½][b]`",
        "{'type':'Digits','individual_digits':false} | `a12½b` | `[a][12½][b]`",
        "{'type':'Whitespace'} | `Hey friend!  How's` | `[Hey][friend][!][How]['][s]`",
        "{'type':'WhitespaceSplit'} | ` a\u00a0b!\tc` | `[a][b!][c]`",
        "{'type':'Punctuation'} | `a,,b$` | `[a][,][,][b][$]`",
        "{'type':'Punctuation','behavior':'Contiguous'} | `a,,b` | `[a][,,][b]`",
        "{'type':'CharDelimiterSplit','delimiter':'_'} | `a_b__c` | `[a][b][c]`",
        "{'type':'BertPreTokenizer'} | `a b,c` | `[a][b][,][c]`",
        "{'type':'Metaspace'} | `a b  c` | `[\u2581a][\u2581b][\u2581][\u2581c]`",
        "{'type':'Metaspace'} | ` a` | `[\u2581a]`",
        "{'type':'Metaspace','add_prefix_space':false} | `a b` | `[a][\u2581b]`",
        "{'type':'Metaspace','prepend_scheme':'never','split':false} | `a b` | `[a\u2581b]`",
        "{'type':'Metaspace','replacement':'_','prepend_scheme':'first'} | `a b` | `[_a][_b]`",
        "{'type':'ByteLevel','add_prefix_space':true} | `a é` | `[\u0120a][\u0120\u00c3\u00a9]`",
        "{'type':'ByteLevel','add_prefix_space':false,'use_regex':false} | `a b` | `[a\u0120b]`",
        "{'type':'Sequence','pretokenizers':[{'type':'WhitespaceSplit'},"
            + "{'type':'Metaspace','prepend_scheme':'always'}]} | `a  b` | `[\u2581a][\u2581b]`",
        "{'type':'Split','pattern':{'Regex':'\\\\s+$'},'behavior':'Isolated'} | `a  ` | `[a][  ]`",
        "{'type':'Split','pattern':{'String':''},'behavior':'Isolated'} | `ab` | `[ab]`"
      })
  void splitsText(String json, String text, String expected) {
    assertEquals(expected, words(read(json), text, 0));
  }

  @Test
  void schemeFirstMarksTheBeginningOfTheTextOnly() {
    PreTokenizer first = read("{'type':'Metaspace','prepend_scheme':'first'}");
    assertEquals("[\u2581b]", words(first, "b", 0));
    assertEquals("[b][\u2581c]", words(first, "<s>b c", 3));
    assertEquals("[\u2581b]", words(read("{'type':'Metaspace'}"), "<s>b", 3));
  }

  @Test
  void namesTheFieldThatIsWrong() {
    InvalidModelException refused =
        assertThrows(
            InvalidModelException.class,
            () -> read("{'type':'Split','pattern':{'String':'-'},'behavior':'Sideways'}"));
    assertEquals(
        "tokenizer.json: pre_tokenizer.behavior should be a behavior such as Isolated but is"
            + " string",
        refused.getMessage());
    assertThrows(
        InvalidModelException.class, () -> read("{'type':'Metaspace','replacement':'ab'}"));
    assertThrows(InvalidModelException.class, () -> read("{'type':'Split','pattern':{}}"));
  }
}
