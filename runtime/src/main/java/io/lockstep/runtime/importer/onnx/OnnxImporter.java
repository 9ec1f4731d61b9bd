package io.lockstep.runtime.importer.onnx;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.ModelException;
import io.lockstep.runtime.importer.ImportedGraph;
import io.lockstep.runtime.importer.WeightFiles;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.ModelProto;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** Reads {@code .onnx} files. The file is mapped while it is read, its weights are never copied. */
public final class OnnxImporter {

  /** Protobuf messages cannot be larger; larger models keep their tensors in other files. */
  private static final long MAX_FILE_BYTES = Integer.MAX_VALUE;

  /** Subgraphs nest messages about five deep each. */
  private static final int MAX_NESTING = 200;

  private OnnxImporter() {}

  /** Makes the table of operators, for which the first model would wait. */
  public static void prepare() {
    OnnxOperators.make();
  }

  public static boolean recognizes(Path file) {
    return file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".onnx");
  }

  /**
   * Reads a model.
   *
   * @throws InvalidModelException when the file is damaged or reaches outside its folder
   * @throws io.lockstep.runtime.error.UnsupportedModelException with all operators that are missing
   */
  public static ImportedGraph importModel(Path file) {
    WeightFiles weights = new WeightFiles();
    try (Arena parsing = Arena.ofShared()) {
      MemorySegment mapped = map(file, parsing);
      ModelProto model = parse(file, mapped);
      return new OnnxGraphs(model, new OnnxTensors(file, weights)).read(weights);
    } catch (ModelException e) {
      weights.close();
      throw e;
    } catch (IOException e) {
      weights.close();
      throw new InvalidModelException("cannot read " + file.getFileName(), e);
    } catch (RuntimeException | StackOverflowError e) {
      // A damaged file can break any assumption; the user gets one sentence, the log the cause.
      weights.close();
      throw new InvalidModelException(file.getFileName() + " is damaged: " + e.getMessage(), e);
    }
  }

  private static MemorySegment map(Path file, Arena arena) throws IOException {
    long bytes = Files.size(file);
    if (bytes == 0 || bytes > MAX_FILE_BYTES) {
      throw new InvalidModelException(
          "%s has %d bytes; an ONNX file has 1 to %d"
              .formatted(file.getFileName(), bytes, MAX_FILE_BYTES));
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel.map(MapMode.READ_ONLY, 0, bytes, arena);
    }
  }

  private static ModelProto parse(Path file, MemorySegment mapped) throws IOException {
    CodedInputStream input = CodedInputStream.newInstance(LeanCopy.of(mapped));
    input.setRecursionLimit(MAX_NESTING);
    try {
      ModelProto model = ModelProto.parseFrom(input);
      if (!model.hasGraph()) {
        throw new InvalidModelException(file.getFileName() + " is no ONNX model: it has no graph");
      }
      return model;
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidModelException(
          file.getFileName() + " is no ONNX model or is damaged: " + e.getMessage(), e);
    }
  }
}
