package io.lockstep.runtime.importer.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.ModelException;
import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.quant.BlockFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufDecodersTest {

  @TempDir private Path folder;

  /** A decoder without layers' weights: width 4, one layer, 3 tokens. */
  private static GgufBytes decoder(String architecture, int heads) {
    return new GgufBytes()
        .string("general.architecture", architecture)
        .integer(architecture + ".context_length", 8)
        .integer(architecture + ".embedding_length", 4)
        .integer(architecture + ".block_count", 1)
        .integer(architecture + ".attention.head_count", heads)
        .integer(architecture + ".feed_forward_length", 8)
        .number(architecture + ".attention.layer_norm_rms_epsilon", 1e-5f)
        .tensor("token_embd.weight", BlockFormat.F32, new byte[48], 3, 4);
  }

  private String refusal(Class<? extends ModelException> type, GgufBytes file) {
    try {
      Path path = Files.write(folder.resolve("model.gguf"), file.toBytes());
      return String.valueOf(
          assertThrows(type, () -> GgufDecoders.open(path).files().close()).getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void listsAllThatIsMissingAtOnce() {
    GgufBytes file =
        decoder("mamba", 2)
            .string("mamba.rope.scaling.type", "su")
            .integer("mamba.expert_count", 8);
    assertEquals(
        "not supported: architecture 'mamba' (supported: llama, qwen2, qwen3, gemma2, gemma3,"
            + " phi3, gpt2); rope scaling 'su';"
            + " mixtures of experts",
        refusal(UnsupportedModelException.class, file));
  }

  @Test
  void namesATensorThatIsAbsent() {
    String refusal = refusal(InvalidModelException.class, decoder("llama", 2));
    assertEquals("the file has no tensor 'blk.0.attn_norm.weight'", refusal);
  }

  @Test
  void namesATensorOfAnotherShape() {
    GgufBytes file =
        decoder("llama", 2).tensor("blk.0.attn_norm.weight", BlockFormat.F32, new byte[20], 5);
    String refusal = refusal(InvalidModelException.class, file);
    assertTrue(refusal.contains("is [5] instead of [4]"), refusal);
  }

  @Test
  void refusesExtentsThatMakeNoModel() {
    GgufBytes uneven = decoder("llama", 2).integer("llama.attention.head_count_kv", 3);
    assertTrue(refusal(InvalidModelException.class, uneven).contains("do not share 3"));
    String none = refusal(InvalidModelException.class, decoder("llama", 0));
    assertEquals("the metadata 'llama.attention.head_count' is 0", none);
    String narrow = refusal(InvalidModelException.class, decoder("llama", 4));
    assertTrue(narrow.contains("do not fit heads of 1"), narrow);
  }
}
