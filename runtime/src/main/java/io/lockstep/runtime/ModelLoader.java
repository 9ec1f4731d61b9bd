package io.lockstep.runtime;

import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.importer.gguf.GgufFile;
import io.lockstep.runtime.importer.onnx.OnnxImporter;
import io.lockstep.runtime.importer.safetensors.SafetensorsDecoders;
import java.nio.file.Path;

/** Opens model files. */
public final class ModelLoader {

  private ModelLoader() {}

  /**
   * Makes what the first model would make: the kernels, and the table of operators. For a thread
   * that has time before there is a model to load; nothing depends on it.
   */
  public static void prepare(RuntimeOptions.KernelChoice kernels) {
    KernelBackends.select(kernels);
    OnnxImporter.prepare();
  }

  /**
   * Loads the model in {@code file}.
   *
   * @throws io.lockstep.runtime.error.InvalidModelException when the file is damaged
   * @throws UnsupportedModelException when the model needs what the runtime lacks; lists all of it
   */
  public static GraphModel load(Path file, RuntimeOptions options) {
    if (!OnnxImporter.recognizes(file)) {
      throw new UnsupportedModelException(
          file.getFileName()
              + " is in no format that is supported here; ONNX models end in .onnx, language models"
              + " in .gguf or .safetensors");
    }
    return new GraphLoader(options, KernelBackends.select(options.kernels()).kernels())
        .load(OnnxImporter.importModel(file));
  }

  /** Whether {@code file} holds a language model, by its name: {@link #loadDecoder} opens it. */
  public static boolean isDecoder(Path file) {
    return GgufFile.recognizes(file) || SafetensorsDecoders.recognizes(file);
  }

  /**
   * Loads the language model in {@code file}.
   *
   * @throws io.lockstep.runtime.error.InvalidModelException when the file is damaged
   * @throws UnsupportedModelException when the model needs what the runtime lacks, or more memory
   *     than the machine has
   */
  public static DecoderModel loadDecoder(Path file, RuntimeOptions options) {
    return DecoderModel.load(file, options);
  }
}
