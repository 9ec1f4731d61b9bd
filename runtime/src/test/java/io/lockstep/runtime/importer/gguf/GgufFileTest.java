package io.lockstep.runtime.importer.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.TestFolders;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.ModelException;
import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.importer.ModelTensor;
import io.lockstep.runtime.quant.BlockFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufFileTest {

  @TempDir private Path folder;

  private static GgufBytes small() {
    return new GgufBytes()
        .string("general.architecture", "llama")
        .integer("llama.block_count", 5)
        .number("llama.rope.freq_base", 500_000f)
        .strings("tokenizer.ggml.tokens", List.of("a", "ü", ""))
        .tensor("first", BlockFormat.F32, new byte[] {0, 0, -128, 63, 0, 0, 0, 64}, 2, 1)
        .tensor("second", BlockFormat.Q8_0, new byte[68], 2, 32);
  }

  private GgufFile open(byte[] bytes) {
    try {
      return GgufFile.open(Files.write(folder.resolve("model.gguf"), bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void assertRefused(GgufBytes file, String part) {
    ModelException refusal =
        assertThrows(InvalidModelException.class, () -> open(file.toBytes()).close());
    assertTrue(String.valueOf(refusal.getMessage()).contains(part), refusal.getMessage());
  }

  @Test
  void readsMetadataAndTensors() {
    try (GgufFile file = open(small().toBytes())) {
      assertEquals("llama", file.metadata().string("general.architecture").orElseThrow());
      assertEquals(5, file.metadata().integer("llama.block_count").orElseThrow());
      assertEquals(500_000, file.metadata().number("llama.rope.freq_base").orElseThrow());
      assertArrayEquals(
          new String[] {"a", "ü", ""},
          file.metadata().strings("tokenizer.ggml.tokens").orElseThrow());
      ModelTensor first = file.tensor("first").orElseThrow();
      assertEquals(List.of(2L, 1L), first.extents());
      assertEquals(2f, first.data().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4));
      assertEquals(68, file.tensor("second").orElseThrow().data().byteSize());
      assertFalse(file.tensor("third").isPresent());
    }
  }

  @Test
  void readsAFileOfAnotherWriter() {
    try (GgufFile file = GgufFile.open(TestFolders.testdata("stories260k/stories260K-q4_0.gguf"))) {
      assertEquals(64, file.metadata().integer("llama.embedding_length").orElseThrow());
      assertEquals(512, file.metadata().strings("tokenizer.ggml.tokens").orElseThrow().length);
      assertEquals(List.of(512L, 64L), file.tensor("token_embd.weight").orElseThrow().extents());
    }
  }

  @Test
  void refusesAValueOfAnotherType() {
    try (GgufFile file = open(small().toBytes())) {
      assertThrows(
          InvalidModelException.class, () -> file.metadata().integer("general.architecture"));
    }
  }

  @Test
  void refusesWhatContradictsItself() {
    assertRefused(
        small().described("late", 0, 1 << 20, new byte[4], 1), "before the 4 bytes of tensor");
    assertRefused(small().described("ahead", 0, -32, new byte[4], 1), "before the 4 bytes");
    assertRefused(
        small().described("huge", 0, 0, new byte[4], 1 << 30, 1 << 30, 1 << 30), "is too large");
    assertRefused(small().described("odd", 8, 0, new byte[34], 1, 33), "no multiple of the 32");
    assertRefused(small().described("empty", 0, 0, new byte[0], 0), "an axis of extent 0");
    assertRefused(small().described("first", 0, 0, new byte[4], 1), "is there twice");
    assertRefused(small().integer("general.alignment", 3), "no power of two");
    assertRefused(small().raw("strange", 99, new byte[0]), "type 99");
    byte[] endless = {8, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, 127};
    assertRefused(small().raw("endless", 9, endless), "more than the file holds");
  }

  @Test
  void listsAllUnsupportedFormatsAtOnce() {
    byte[] file =
        small()
            .described("a", 16, 0, new byte[4], 256)
            .described("b", 20, 0, new byte[4], 256)
            .toBytes();
    ModelException refusal =
        assertThrows(UnsupportedModelException.class, () -> open(file).close());
    String message = String.valueOf(refusal.getMessage());
    assertTrue(message.contains("type 16") && message.contains("type 20"), message);
  }

  @Test
  void refusesEveryTruncation() {
    byte[] file = small().toBytes();
    for (int length = 0; length < file.length - 28; length++) {
      byte[] cut = Arrays.copyOf(file, length);
      assertThrows(ModelException.class, () -> open(cut).close());
    }
  }

  @Test
  void refusesOrReadsDamagedFiles() {
    byte[] file = small().toBytes();
    Seeds.forAll(
        500,
        random -> {
          byte[] damaged = file.clone();
          for (int i = 0; i < 3; i++) {
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
          }
          try (GgufFile read = open(damaged)) {
            read.tensors()
                .values()
                .forEach(tensor ->
                    assertEquals(0, tensor.data().byteSize() % tensor.format().blockBytes()));
          } catch (ModelException refused) {
            assertFalse(String.valueOf(refused.getMessage()).isEmpty());
          }
        });
  }
}
