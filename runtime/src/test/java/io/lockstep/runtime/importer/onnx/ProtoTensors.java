package io.lockstep.runtime.importer.onnx;

import io.lockstep.runtime.importer.WeightFiles;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TensorProto;
import io.lockstep.runtime.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads tensors that stand alone in {@code .pb} files, as test suites keep them. */
public final class ProtoTensors {

  private ProtoTensors() {}

  public static Tensor read(Path file, WeightFiles owner) throws IOException {
    TensorProto proto = TensorProto.parseFrom(Files.readAllBytes(file));
    return new OnnxTensors(file, owner).read(proto);
  }
}
