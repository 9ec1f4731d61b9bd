package io.lockstep.models;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;

/** A model with one float input and one float output, run by ONNX Runtime. */
final class OnnxRuntimeModel implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  OnnxRuntimeModel(Path file) throws OrtException {
    try (var options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      this.session = environment.createSession(file.toString(), options);
    }
  }

  /** Extents of the output as declared; -1 is symbolic. */
  long[] outputExtents() throws OrtException {
    return ((TensorInfo) session.getOutputInfo().values().iterator().next().getInfo()).getShape();
  }

  /** Extents of the input as declared; -1 is symbolic. */
  long[] inputExtents() throws OrtException {
    return ((TensorInfo) session.getInputInfo().values().iterator().next().getInfo()).getShape();
  }

  /** The output's elements in row-major order. */
  float[] run(String input, float[] values, long... extents) throws OrtException {
    try (var tensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), extents);
        var result = session.run(Map.of(input, tensor))) {
      FloatBuffer output = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[] copy = new float[output.remaining()];
      output.get(copy);
      return copy;
    }
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
