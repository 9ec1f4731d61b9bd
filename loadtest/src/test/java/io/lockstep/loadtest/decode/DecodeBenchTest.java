package io.lockstep.loadtest.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockstep.runtime.DecoderModel;
import io.lockstep.runtime.RuntimeOptions;
import io.lockstep.runtime.quant.BlockFormat;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DecodeBenchTest {

  private static final ModelShape SMALL = new ModelShape("256x1", 256, 1, 4, 2, 512);

  @TempDir private Path folder;

  private Path model(BlockFormat format) throws IOException {
    Path vocabulary =
        Path.of(
            System.getProperty("lockstep.testdata", "../../shared/testdata"),
            "tokenizers/ggml-vocab-llama-spm.gguf");
    assumeTrue(Files.exists(vocabulary), "skipped: no test data in " + vocabulary);
    return RandomModelFile.write(folder, SMALL, format, vocabulary);
  }

  @Test
  void generatedFilesAreModelsWithTheRealVocabulary() throws IOException {
    for (BlockFormat format : new BlockFormat[] {BlockFormat.Q8_0, BlockFormat.Q4_K}) {
      try (DecoderModel model = DecoderModel.load(model(format), RuntimeOptions.defaults())) {
        assertEquals(32_000, model.config().vocabulary());
        assertEquals(2, model.config().kvHeads());
        assertEquals(32_000, model.tokenizer().vocabularySize());
      }
    }
  }

  @Test
  void theEngineIsMeasured() throws IOException {
    try (LockstepContender engine = new LockstepContender(model(BlockFormat.Q4_0), 2)) {
      assertTrue(engine.prefill(40) > 0);
      assertTrue(engine.decode(3, 2) > 0);
    }
  }

  @Test
  void aMissingVocabularyIsNamed() {
    StringWriter errors = new StringWriter();
    CommandLine line = new CommandLine(new DecodeBench()).setErr(new PrintWriter(errors));
    int status = line.execute("--vocabulary", folder.resolve("none.gguf").toString());
    assertEquals(CommandLine.ExitCode.USAGE, status);
    assertTrue(errors.toString().contains("none.gguf is no file"), errors::toString);
  }
}
