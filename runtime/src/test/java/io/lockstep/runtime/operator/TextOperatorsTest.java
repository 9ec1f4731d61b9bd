package io.lockstep.runtime.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Operators over text. */
class TextOperatorsTest {

  private final OperatorRunner runner = OperatorRunner.on(ScalarKernels.create());

  private static Operator operator(Attributes attributes) {
    return TextOperators.table().get(attributes.operator()).apply(attributes);
  }

  private static Tensor words(String... words) {
    return Tensors.ofStrings(Shape.of(words.length), words);
  }

  private static List<String> texts(Tensor tensor) {
    List<String> texts = new ArrayList<>();
    for (long i = 0; i < tensor.size(); i++) {
      texts.add(tensor.getString(i));
    }
    return texts;
  }

  @Test
  void joinsWithBroadcasting() {
    Tensor y = runner.first(operator(Attributes.of("StringConcat")), words("a", "ü"), words("!"));
    assertEquals(List.of("a!", "ü!"), texts(y));
  }

  @Test
  void splitsAtWhiteSpaceAndAtDelimiters() {
    List<Tensor> words =
        runner.run(operator(Attributes.of("StringSplit")), words("  a  b ", "", "c"));
    assertEquals(Shape.of(3, 2), words.get(0).shape());
    assertEquals(List.of("a", "b", "", "", "c", ""), texts(words.get(0)));
    assertEquals(List.of(2L, 0L, 1L), longs(words.get(1)));
    List<Tensor> parts =
        runner.run(
            operator(Attributes.of("StringSplit").with("delimiter", ",").with("maxsplit", 2L)),
            words("a,,b,c"));
    assertEquals(List.of("a", "", "b,c"), texts(parts.get(0)));
  }

  @Test
  void matchesTheWholeText() {
    Operator match =
        operator(Attributes.of("RegexFullMatch").with("pattern", "(?P<name>[a-z]+)\\d"));
    assertEquals(List.of(1L, 0L), longs(runner.first(match, words("abc1", "abc12"))));
    assertThrows(
        InvalidModelException.class,
        () -> operator(Attributes.of("RegexFullMatch").with("pattern", "(")));
  }

  @Test
  void leavesOutStopWords() {
    Operator lower =
        operator(
            Attributes.of("StringNormalizer")
                .with("case_change_action", "LOWER")
                .strings("stopwords", "The"));
    assertEquals(List.of("cat"), texts(runner.first(lower, words("THE", "Cat"))));
    assertEquals(List.of(""), texts(runner.first(lower, words("the"))));
    Operator sensitive =
        operator(
            Attributes.of("StringNormalizer")
                .with("is_case_sensitive", 1L)
                .strings("stopwords", "The"));
    assertEquals(List.of("THE"), texts(runner.first(sensitive, words("THE", "The"))));
  }

  @Test
  void countsGramsWithGaps() {
    Attributes attributes =
        Attributes.of("TfIdfVectorizer")
            .with("mode", "TF")
            .with("min_gram_length", 1L)
            .with("max_gram_length", 2L)
            .with("max_skip_count", 1L)
            .ints("ngram_counts", 0, 2)
            .ints("ngram_indexes", 0, 1, 2)
            .strings("pool_strings", "a", "b", "a", "b");
    // "a b x b": a once, b twice, and the pair once next to each other and never with one between.
    assertEquals(
        List.of(1f, 2f, 1f), floats(runner.first(operator(attributes), words("a", "b", "x", "b"))));
    // "a x b": the pair has one item between.
    assertEquals(
        List.of(1f, 1f, 1f), floats(runner.first(operator(attributes), words("a", "x", "b"))));
    Attributes weighted =
        Attributes.of("TfIdfVectorizer")
            .with("mode", "TFIDF")
            .ints("ngram_counts", 0)
            .ints("ngram_indexes", 1, 0)
            .ints("pool_int64s", 7, 9)
            .floats("weights", 10, 100);
    assertEquals(
        List.of(10f, 200f), floats(runner.first(operator(weighted), Tensors.vector(7, 7, 9, 3))));
  }

  private static List<Long> longs(Tensor tensor) {
    return Arrays.stream(tensor.toLongs()).boxed().toList();
  }

  private static List<Float> floats(Tensor tensor) {
    List<Float> values = new ArrayList<>();
    for (float value : tensor.toFloats()) {
      values.add(value);
    }
    return values;
  }
}
