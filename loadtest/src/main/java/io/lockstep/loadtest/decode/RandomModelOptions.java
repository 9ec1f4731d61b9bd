package io.lockstep.loadtest.decode;

import io.lockstep.runtime.quant.BlockFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What commands say that measure models with random weights. */
final class RandomModelOptions {

  @Option(
      names = "--vocabulary",
      description = "a GGUF file of a SentencePiece vocabulary (${DEFAULT-VALUE})")
  private Path vocabulary =
      Path.of(
          System.getProperty("lockstep.home", "."),
          "../shared/testdata/tokenizers/ggml-vocab-llama-spm.gguf");

  @Option(names = "--folder", description = "for the models, which stay there (${DEFAULT-VALUE})")
  private Path folder = Path.of(System.getProperty("java.io.tmpdir"), "lockstep-bench-decode");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  /**
   * Checks that models can be made.
   *
   * @throws ParameterException when there is no vocabulary
   */
  void check() throws IOException {
    if (!Files.isReadable(vocabulary)) {
      throw new ParameterException(
          spec.commandLine(),
          "the models need a vocabulary and " + vocabulary + " is no file; see --vocabulary");
    }
    Files.createDirectories(folder);
  }

  /** Where the models stay. */
  Path folder() {
    return folder;
  }

  /** A model's file, which is written unless it is there already. */
  Path model(ModelShape shape, BlockFormat format) throws IOException {
    return RandomModelFile.write(folder, shape, format, vocabulary);
  }
}
