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

  private final OrtEnvironment environment;
  private final List<CaseInput> declared;
  private final List<OrtSession> copies = new ArrayList<>();
  private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
  private final List<MemorySegment> sources = new ArrayList<>();

  /** The memory of the input tensors, into which inputs are copied as in the other engine. */
  private final List<MemorySegment> targets = new ArrayList<>();

  private final String firstOutput;
  private int turn;

  OnnxRuntimeEngine(GraphCase work, EngineOptions options) {
    declared = work.inputs();
    try {
      environment = environment(options.threads());
      for (int i = 0; i < work.inputs().size(); i++) {
        CaseInput input = work.inputs().get(i);
        ByteBuffer contents = input.contents(i);
        ByteBuffer read = ByteBuffer.allocateDirect(contents.capacity()).order(contents.order());
        sources.add(MemorySegment.ofBuffer(contents));
        targets.add(MemorySegment.ofBuffer(read.duplicate()));
        inputs.put(input.name(), tensor(input, read));
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

  private OnnxTensor tensor(CaseInput input, ByteBuffer contents) throws OrtException {
    return OnnxTensor.createTensor(environment, contents, input.shape(), type(input));
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

  /**
   * The first output for each item of the inputs alone, one after the other. All inputs have the
   * batch as their first axis.
   */
  FloatBuffer outputOfEachItem() {
    List<FloatBuffer> outputs = new ArrayList<>();
    for (int item = 0; item < declared.getFirst().batch(); item++) {
      Map<String, OnnxTensor> alone = new LinkedHashMap<>();
      try {
        for (int i = 0; i < declared.size(); i++) {
          CaseInput input = declared.get(i);
          alone.put(input.name(), tensor(input.withBatch(1), input.item(i, item)));
        }
        try (OrtSession.Result result = copies.getFirst().run(alone)) {
          outputs.add(floats((OnnxTensor) result.get(firstOutput).orElseThrow()));
        }
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      } finally {
        alone.values().forEach(OnnxTensor::close);
      }
    }
    FloatBuffer all = FloatBuffer.allocate(outputs.stream().mapToInt(FloatBuffer::remaining).sum());
    outputs.forEach(all::put);
    return all.flip();
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
