package io.lockstep.runtime.golden;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.Tensors;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** ONNX Runtime as the reference: the same model on the same inputs. */
final class OnnxRuntime implements AutoCloseable {

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  OnnxRuntime(Path file) throws OrtException {
    this(file, OrtSession.SessionOptions.OptLevel.ALL_OPT);
  }

  private OnnxRuntime(Path file, OrtSession.SessionOptions.OptLevel level) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setOptimizationLevel(level);
      session = environment.createSession(file.toString(), options);
    }
  }

  /** The graph as it is in the file, so that sums are rounded in another order. */
  static OnnxRuntime unoptimised(Path file) throws OrtException {
    return new OnnxRuntime(file, OrtSession.SessionOptions.OptLevel.NO_OPT);
  }

  /** All outputs by name, for inputs and outputs of type float or int64. */
  Map<String, Tensor> run(Map<String, Tensor> inputs) throws OrtException {
    Map<String, OnnxTensor> given = new LinkedHashMap<>();
    for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
      given.put(input.getKey(), convert(input.getValue()));
    }
    try (OrtSession.Result result = session.run(given)) {
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      for (Map.Entry<String, ai.onnxruntime.OnnxValue> output : result) {
        OnnxTensor tensor = (OnnxTensor) output.getValue();
        outputs.put(output.getKey(), convert(tensor));
      }
      return outputs;
    } finally {
      given.values().forEach(OnnxTensor::close);
    }
  }

  private static Tensor convert(OnnxTensor tensor) {
    Shape shape = Shape.ofLongs(tensor.getInfo().getShape());
    if (tensor.getInfo().type == OnnxJavaType.INT64) {
      LongBuffer buffer = tensor.getLongBuffer();
      long[] values = new long[buffer.remaining()];
      buffer.get(values);
      return Tensors.ofLongs(shape, values);
    }
    FloatBuffer buffer = tensor.getFloatBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return Tensors.ofFloats(shape, values);
  }

  /** The only output for the only input. */
  Tensor run(Tensor input) throws OrtException {
    String name = session.getInputNames().iterator().next();
    return run(Map.of(name, input)).values().iterator().next();
  }

  private OnnxTensor convert(Tensor tensor) throws OrtException {
    long[] shape = tensor.shape().toLongArray();
    var bytes = tensor.segment().asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    return switch (tensor.dtype()) {
      case FLOAT32 -> OnnxTensor.createTensor(environment, bytes.asFloatBuffer(), shape);
      case INT64 -> OnnxTensor.createTensor(environment, bytes.asLongBuffer(), shape);
      default -> throw new IllegalArgumentException("no reference for " + tensor);
    };
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
