package io.lockstep.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.error.InvalidModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class NormalizersTest {

  private static NormalizedText normalize(TextNormalizer normalizer, String text) {
    return normalizer.normalize(NormalizedText.of(text, 0, text.length()));
  }

  private static TextNormalizer read(String json) {
    try {
      UnsupportedParts unsupported = new UnsupportedParts();
      TextNormalizer normalizer =
          NormalizerReader.read(
              new JsonField(new ObjectMapper().readTree(json), "normalizer"), unsupported);
      unsupported.refuse();
      return normalizer;
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type':'Lowercase'} | `AÉΣİ` | `aéσi\u0307`",
        "{'type':'StripAccents'} | `e\u0301\u20dd\u093fé` | `eé`",
        "{'type':'Nmt'} | `a\tb\u0001c\u200bd\u2581\ufeffe` | `a bc d  e`",
        "{'type':'Prepend','prepend':'_'} | `ab` | `_ab`",
        "{'type':'Prepend','prepend':'_'} | `` | ``",
        "{'type':'Strip','strip_left':true,'strip_right':true} | ` \u3000a b ` | `a b`",
        "{'type':'Strip','strip_left':false,'strip_right':true} | ` a ` | ` a`",
        "{'type':'Replace','pattern':{'String':'..'},'content':'!'} | `a...b` | `a!.b`",
        "{'type':'Replace','pattern':{'Regex':' {2,}'},'content':'\u2581'} | `a  b c` | `a\u2581b c`",
        "{'type':'Sequence','normalizers':[{'type':'NFD'},{'type':'StripAccents'},"
            + "{'type':'Lowercase'}]} | `É` | `e`",
        "{'type':'ByteLevel'} | `é ` | `\u00c3\u00a9\u0120`",
        "{'type':'BertNormalizer','lowercase':false,'strip_accents':true} | `É\u0000\t` | `E `"
      })
  void rewritesText(String json, String text, String expected) {
    assertEquals(expected, normalize(read(json.replace('\'', '"')), text).text());
  }

  @ParameterizedTest
  @EnumSource(Normalizer.Form.class)
  void normalFormsAreThoseOfTheWholeText(Normalizer.Form form) {
    String[] parts = {
      "a",
      "\u00e9",
      "e\u0301",
      "\u0323\u0301",
      "\u1100\u1161\u11a8",
      "\uac00\u11a8",
      "\uff76\uff9e",
      "\u3131\u314f",
      "\ufb01",
      "\u00bd",
      "\u09c7\u09be",
      "\ud834\udd5e",
      "\u0344",
      " ",
      "\u00a8",
      "\ud804\udd31\ud804\udd27",
      "\u0f71\u0f72",
      "\u212b",
      "\ud83d"
    };
    Seeds.forAll(
        3_000,
        random -> {
          StringBuilder text = new StringBuilder();
          for (int i = random.nextInt(12); i > 0; i--) {
            text.append(parts[random.nextInt(parts.length)]);
            if (random.nextInt(4) == 0) {
              text.appendCodePoint(random.nextInt(0x3000));
            }
          }
          NormalizedText normalized = normalize(new UnicodeForm(form), text.toString());
          assertEquals(Normalizer.normalize(text, form), normalized.text(), () -> escaped(text));
          assertAdvancing(normalized, text.length());
        });
  }

  @Test
  void everyPieceKnowsWhereItComesFrom() {
    NormalizedText normalized = normalize(new UnicodeForm(Normalizer.Form.NFKC), "ae\u0301\ufb01b");
    assertEquals("a\u00e9fib", normalized.text());
    assertEquals(1, normalized.originalStart(1));
    assertEquals(3, normalized.originalStop(2));
    assertEquals(3, normalized.originalStart(3));
    assertEquals(4, normalized.originalStart(4));
  }

  /**
   * A trie of the keys "A" and "\u00c9" (C3 89), laid out by hand: a unit has a character in bits 0
   * to 7, in bit 8 whether a key ends there, and from bit 10 on the distance to its children.
   */
  private static byte[] characterMap() {
    int[] units = new int[512];
    units[0] = 256 << 10; // the root's children are at 256 ^ character
    put(units, 256 ^ 'A', 'A', true, 1); // its value is one further, as XOR has it
    units[256 ^ 'A' ^ 1] = 1 << 31; // "a" at 0
    put(units, 256 ^ 0xC3, 0xC3, false, 0x40);
    put(units, 256 ^ 0xC3 ^ 0x40 ^ 0x89, 0x89, true, 2);
    units[256 ^ 0xC3 ^ 0x40 ^ 0x89 ^ 2] = 1 << 31 | 2; // "e\u0301" at 2
    byte[] replacements = "a\0e\u0301\0".getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(4 + 4 * units.length + replacements.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(4 * units.length);
    for (int unit : units) {
      bytes.putInt(unit);
    }
    return bytes.put(replacements).array();
  }

  private static void put(int[] units, int at, int label, boolean hasLeaf, int offset) {
    units[at] = label | (hasLeaf ? 1 << 8 : 0) | offset << 10;
  }

  @Test
  void compiledMapsReplaceGraphemesAndCharacters() {
    CharacterMap map = CharacterMap.of(characterMap());
    assertEquals("abe\u0301", normalize(map, "Ab\u00c9").text());
    // what the shortest beginning says replaces all of a small grapheme
    assertEquals("a", normalize(map, "A\u0301").text());
    // a large one is replaced character by character
    assertEquals("a\u0301\u0301\u0301", normalize(map, "A\u0301\u0301\u0301").text());
  }

  @Test
  void damagedMapsAreRefusedOrReplaceNothingOutsideThem() {
    assertThrows(InvalidModelException.class, () -> CharacterMap.ofBase64("*"));
    assertThrows(InvalidModelException.class, () -> CharacterMap.of(new byte[3]));
    assertThrows(InvalidModelException.class, () -> CharacterMap.of(new byte[] {9, 0, 0, 0, 1}));
    byte[] original = characterMap();
    Seeds.forAll(
        2_000,
        random -> {
          byte[] damaged = original.clone();
          for (int i = 0; i < 40; i++) {
            damaged[4 + random.nextInt(damaged.length - 4)] = (byte) random.nextInt(256);
          }
          String text = anyText(random);
          assertAdvancing(normalize(CharacterMap.of(damaged), text), text.length());
        });
  }

  private static String anyText(Random random) {
    return random
        .ints(20, 0, 0x250)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static String escaped(CharSequence text) {
    StringBuilder escaped = new StringBuilder();
    text.chars().forEach(unit -> escaped.append("\\u%04x".formatted(unit)));
    return escaped.toString();
  }

  private static void assertAdvancing(NormalizedText text, int originalLength) {
    int previous = 0;
    for (int i = 0; i < text.length(); i++) {
      assertTrue(text.originalStart(i) >= previous);
      assertTrue(text.originalStop(i + 1) >= text.originalStart(i));
      assertTrue(text.originalStop(i + 1) <= originalLength);
      previous = text.originalStart(i);
    }
  }
}
