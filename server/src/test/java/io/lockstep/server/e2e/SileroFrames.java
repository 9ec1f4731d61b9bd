package io.lockstep.server.e2e;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Frames of a recording of speech as Silero's voice activity detector takes them, and what it is
 * known to make of them.
 */
final class SileroFrames {

  /** Samples of a frame, and those of the frame before that the model wants to hear again. */
  static final int SAMPLES = 512 + 64;

  private static final int FRAME = 512;

  static final String INFER = "/v2/models/silero/infer";

  private final float[] samples; // of the recording, 16,000 a second
  private final JsonNode golden;

  private SileroFrames(float[] samples, JsonNode golden) {
    this.samples = samples;
    this.golden = golden;
  }

  /** The probability of speech in each frame. */
  JsonNode golden() {
    return golden;
  }

  /** Puts the model into {@code folder}; skips the test where the data is not there. */
  static SileroFrames serveFrom(Path folder) throws IOException {
    Path data = Path.of(System.getProperty("lockstep.testdata", "../../shared/testdata"));
    Path model = data.resolve("silero/silero_vad.onnx");
    assumeTrue(Files.exists(model), "skipped: the model is not there");
    Files.createDirectories(folder.resolve("silero/1"));
    Files.copy(model, folder.resolve("silero/1/model.onnx"));
    return new SileroFrames(
        samples(Files.readAllBytes(data.resolve("audio/jfk.wav"))),
        BuiltInServer.JSON
            .readTree(data.resolve("golden/silero_jfk.wav.json").toFile())
            .get("probs"));
  }

  /** The samples of a 16-bit RIFF file, wherever its data chunk is. */
  private static float[] samples(byte[] wav) {
    ByteBuffer riff = ByteBuffer.wrap(wav).order(ByteOrder.LITTLE_ENDIAN);
    int data = 0x61746164; // "data"
    int at = 12;
    while (riff.getInt(at) != data) {
      at += 8 + riff.getInt(at + 4);
    }
    float[] samples = new float[riff.getInt(at + 4) / 2];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = riff.getShort(at + 8 + 2 * i) / 32768f;
    }
    return samples;
  }

  /** The input for a frame, divided by {@code softness}. */
  float[] frame(int number, float softness) {
    float[] frame = new float[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      int at = (number + 1) * FRAME - SAMPLES + i;
      frame[i] = at < 0 || at >= samples.length ? 0 : samples[at] / softness;
    }
    return frame;
  }
}
