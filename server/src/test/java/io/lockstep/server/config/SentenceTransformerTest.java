package io.lockstep.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.server.serving.Pooling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SentenceTransformerTest {

  @TempDir Path folder;

  private void write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private SentenceTransformer read() {
    return read(null);
  }

  private SentenceTransformer read(@Nullable Pooling chosen) {
    return SentenceTransformer.read(
        name -> Optional.of(folder.resolve(name)).filter(Files::isRegularFile), chosen);
  }

  @Test
  void withoutFilesTheMeanIsNormalised() {
    assertEquals(new SentenceTransformer(Pooling.MEAN, true, OptionalInt.empty()), read());
  }

  @Test
  void theFilesOfTheLibraryDecide() throws IOException {
    write(
        "modules.json",
        """
        [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
         {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
        """);
    write(
        "1_Pooling/config.json",
        """
        {"word_embedding_dimension": 384, "pooling_mode_cls_token": true,
         "pooling_mode_mean_tokens": false}
        """);
    write("sentence_bert_config.json", "{\"max_seq_length\": 256, \"do_lower_case\": false}");
    assertEquals(new SentenceTransformer(Pooling.CLS, false, OptionalInt.of(256)), read());
    write("1_Pooling/config.json", "{\"pooling_mode_lasttoken\": true}");
    write("modules.json", "[{\"type\": \"sentence_transformers.models.Normalize\"}]");
    assertEquals(new SentenceTransformer(Pooling.LAST, true, OptionalInt.of(256)), read());
  }

  @Test
  void anotherPoolingIsRefusedInOneSentence() throws IOException {
    write("1_Pooling/config.json", "{\"pooling_mode_max_tokens\": true}");
    String message = assertThrows(InvalidModelException.class, this::read).getMessage();
    assertTrue(message.contains("set pooling in model.yaml"), message);
    assertEquals(Pooling.CLS, read(Pooling.CLS).pooling());
  }

  @Test
  void aDamagedFileIsNamed() throws IOException {
    write("modules.json", "[{");
    String message = assertThrows(InvalidModelException.class, this::read).getMessage();
    assertEquals("'modules.json' is no valid JSON", message);
  }
}
