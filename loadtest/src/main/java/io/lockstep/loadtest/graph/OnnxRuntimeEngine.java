package io.lockstep.loadtest.graph;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Runtime with all its graph optimisations. All copies of a model share one pool of threads,
 * which spin between runs as they do by default.
 */
final class OnnxRuntimeEngine implements Engine {

  private static @Nullable OrtEnvironment shared;

  private final List<OrtSession> copies = new ArrayList<>();
  private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
  private final List<MemorySegment> sources = new ArrayList<>();

  /** The memory of the input tensors, into which inputs are copied as in the other engine. */
  private final List<MemorySegment> targets = new ArrayList<>();

  private final String firstOutput;
  private int turn;

  OnnxRuntimeEngine(GraphCase work, EngineOptions options) {
    try {
      OrtEnvironment environment = environment(options.threads());
      for (int i = 0; i < work.inputs().size(); i++) {
        CaseInput input = work.inputs().get(i);
        ByteBuffer contents = input.contents(i);
        ByteBuffer read = ByteBuffer.allocateDirect(contents.capacity()).order(contents.order());
        sources.add(MemorySegment.ofBuffer(contents));
        targets.add(MemorySegment.ofBuffer(read.duplicate()));
        OnnxTensor tensor = OnnxTensor.createTensor(environment, read, input.shape(), type(input));
        inputs.put(input.name(), tensor);
      }
      for (int i = 0; i < work.copies(); i++) {
        copies.add(session(environment, work));
      }
      firstOutput = copies.getFirst().getOutputNames().iterator().next();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime does not load " + work.name(), e);
    }
  }

  /** The environment of the process, whose threads the first caller chooses. */
  private static OrtEnvironment environment(int threads) throws OrtException {
    if (shared == null) {
      shared = newEnvironment(threads);
    }
    return shared;
  }

  private static OrtEnvironment newEnvironment(int threads) throws OrtException {
    try (OrtEnvironment.ThreadingOptions threading = new OrtEnvironment.ThreadingOptions()) {
      threading.setGlobalIntraOpNumThreads(threads);
      threading.setGlobalInterOpNumThreads(1);
      return OrtEnvironment.getEnvironment(
          OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "bench", threading);
    }
  }

  private static OrtSession session(OrtEnvironment environment, GraphCase work)
      throws OrtException {
    try (SessionOptions options = new SessionOptions()) {
      options.setOptimizationLevel(OptLevel.ALL_OPT);
      options.disablePerSessionThreads();
      return environment.createSession(work.file().toString(), options);
    }
  }

  private static OnnxJavaType type(CaseInput input) {
    return switch (input.values()) {
      case FLOATS -> OnnxJavaType.FLOAT;
      case BYTES -> OnnxJavaType.UINT8;
      case TOKENS, ONES, ZEROS, SAMPLE_RATE -> OnnxJavaType.INT64;
    };
  }

  @Override
  public void run() {
    turn = (turn + 1) % copies.size();
    copyInputs();
    try (OrtSession.Result result = copies.get(turn).run(inputs)) {
      if (result.size() == 0) {
        throw new AssertionError("a run without outputs");
      }
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  private void copyInputs() {
    for (int i = 0; i < sources.size(); i++) {
      targets.get(i).copyFrom(sources.get(i));
    }
  }

  @Override
  public FloatBuffer output() {
    copyInputs();
    try (OrtSession.Result result = copies.get(turn).run(inputs)) {
      return floats((OnnxTensor) result.get(firstOutput).orElseThrow());
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  private static FloatBuffer floats(OnnxTensor tensor) {
    return switch (tensor.getInfo().type) {
      case FLOAT -> tensor.getFloatBuffer();
      case INT32 -> converted(tensor.getIntBuffer());
      case UINT8 -> converted(tensor.getByteBuffer());
      default -> throw new IllegalStateException("an output of " + tensor.getInfo().type);
    };
  }

  private static FloatBuffer converted(IntBuffer integers) {
    FloatBuffer values = FloatBuffer.allocate(integers.remaining());
    while (integers.hasRemaining()) {
      values.put(integers.get());
    }
    return values.flip();
  }

  private static FloatBuffer converted(ByteBuffer bytes) {
    FloatBuffer values = FloatBuffer.allocate(bytes.remaining());
    while (bytes.hasRemaining()) {
      values.put(Byte.toUnsignedInt(bytes.get()));
    }
    return values.flip();
  }

  @Override
  public void close() {
    inputs.values().forEach(OnnxTensor::close);
    for (OrtSession copy : copies) {
      try {
        copy.close();
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
