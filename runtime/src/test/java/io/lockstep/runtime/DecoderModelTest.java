package io.lockstep.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.error.UnsupportedModelException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DecoderModelTest {

  private static final RuntimeOptions OPTIONS = RuntimeOptions.defaults();

  private static Path stories() {
    return TestFolders.testdata("stories260k/stories260K.gguf");
  }

  @Test
  void bringsItsTokenizerAndTheEndsOfTexts() {
    assertTrue(ModelLoader.isDecoder(stories()));
    try (DecoderModel model = ModelLoader.loadDecoder(stories(), OPTIONS)) {
      int[] once =
          model.tokenizer().encode("Once upon a time", model.tokenizer().defaultOptions()).ids();
      assertArrayEquals(new int[] {1, 403, 407, 261, 378}, once);
      assertEquals(List.of(2), model.endTokens());
      assertEquals(Optional.of("</s>"), model.endToken());
      assertTrue(model.parameters() > 200_000 && model.parameters() < 300_000);
    }
  }

  @Test
  void namesBothNumbersWhenAFileIsLargerThanMemory() {
    Path file = stories();
    UnsupportedModelException refusal =
        assertThrows(
            UnsupportedModelException.class,
            () -> DecoderModel.load(file, OPTIONS, new MachineMemory(1000)).close());
    String message = String.valueOf(refusal.getMessage());
    assertTrue(
        message.matches("stories260K.gguf has [\\d,]+ bytes.* the 1,000 bytes of memory"), message);
  }

  @Test
  void refusesACacheThatDoesNotFitBesideTheFile() {
    try (DecoderModel model = DecoderModel.load(stories(), OPTIONS, new MachineMemory(2_000_000))) {
      int fitting = model.cacheBlocks(2_000_000 - model.fileBytes());
      model.newSession(fitting).close();
      UnsupportedModelException refusal =
          assertThrows(UnsupportedModelException.class, () -> model.newSession(fitting + 1));
      assertTrue(String.valueOf(refusal.getMessage()).contains("2,000,000"));
      assertTrue(model.cacheBytes(model.defaultCacheBlocks()) < 500_000);
    }
  }
}
