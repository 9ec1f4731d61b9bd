package io.lockstep.runtime.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.runtime.BatchTraits;
import io.lockstep.runtime.BatchTraits.Axes;
import io.lockstep.runtime.BatchTraits.Mode;
import io.lockstep.runtime.TensorSpec;
import io.lockstep.runtime.TestFolders;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Silero VAD over a recording of speech, its state carried from frame to frame. */
class SpeechGoldenTest {

  private static final int FRAME = 512;

  /** Samples of the frame before that the model wants to hear again. */
  private static final int CONTEXT = 64;

  private static final long SAMPLE_RATE = 16_000;

  @Test
  void hearsSpeechWhereTheGoldenDoes() throws Exception {
    ByteBuffer samples = samples(Files.readAllBytes(TestFolders.testdata("audio/jfk.wav")));
    JsonNode golden =
        new ObjectMapper()
            .readTree(TestFolders.testdata("golden/silero_jfk.wav.json").toFile())
            .get("probs");
    double largest = 0;
    try (Runs ours = Runs.of(TestFolders.testdata("silero/silero_vad.onnx"))) {
      Map<String, Tensor> inputs = initialState(ours);
      String audio = ours.model().signature().inputs().getFirst().name();
      Tensor chunk = Tensors.zeros(TensorType.of(DType.FLOAT32, 1, CONTEXT + FRAME));
      for (int frame = 0; frame < golden.size(); frame++) {
        for (int i = 0; i < CONTEXT; i++) {
          chunk.setFloat(i, chunk.getFloat(FRAME + i));
        }
        for (int i = 0; i < FRAME; i++) {
          chunk.setFloat(CONTEXT + i, samples.remaining() >= 2 ? samples.getShort() / 32768f : 0);
        }
        inputs.put(audio, chunk);
        Map<String, Tensor> outputs = ours.run(inputs);
        Tensor probability = outputs.values().iterator().next();
        double expected = golden.get(frame).asDouble();
        assertEquals(expected, probability.getFloat(0), 1e-3, "frame " + frame);
        largest = Math.max(largest, Math.abs(expected - probability.getFloat(0)));
        carry(outputs, inputs);
      }
    }
    System.out.printf("Silero VAD: %d frames, largest error %.2e%n", golden.size(), largest);
  }

  @Test
  void rowsAreFoundBehindTheBranchThatTheSampleRateDecides() {
    try (Runs ours = Runs.of(TestFolders.testdata("silero/silero_vad.onnx"))) {
      BatchTraits traits = ours.model().batchTraits();
      assertEquals(Mode.SAME_SHAPE, traits.mode());
      assertEquals(List.of(0, 1, -1), traits.inputs().stream().map(Axes::batchAxis).toList());
      assertEquals(List.of(0, 1), traits.outputs().stream().map(Axes::batchAxis).toList());
    }
  }

  /** The samples of a 16-bit RIFF file, wherever its data chunk is. */
  private static ByteBuffer samples(byte[] wav) {
    ByteBuffer riff = ByteBuffer.wrap(wav).order(ByteOrder.LITTLE_ENDIAN);
    int data = 0x61746164; // "data"
    int at = 12;
    while (riff.getInt(at) != data) {
      at += 8 + riff.getInt(at + 4);
    }
    return riff.slice(at + 8, riff.getInt(at + 4)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static Map<String, Tensor> initialState(Runs runs) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (TensorSpec spec :
        runs.model().signature().inputs().subList(1, runs.model().signature().inputs().size())) {
      if (spec.dtype() == DType.INT64) {
        inputs.put(
            spec.name(), Tensors.ofLongs(Shape.of(new int[spec.dimensions().size()]), SAMPLE_RATE));
      } else {
        int[] extents =
            spec.dimensions().stream().mapToInt(d -> d.isFixed() ? d.extent() : 1).toArray();
        inputs.put(spec.name(), Tensors.zeros(new TensorType(DType.FLOAT32, Shape.of(extents))));
      }
    }
    return inputs;
  }

  /** An output named like an input with an N behind is that input for the next frame. */
  private static void carry(Map<String, Tensor> outputs, Map<String, Tensor> inputs) {
    outputs.forEach((name, tensor) -> {
      if (name.endsWith("N")) {
        inputs.put(name.substring(0, name.length() - 1), tensor);
      }
    });
  }
}
