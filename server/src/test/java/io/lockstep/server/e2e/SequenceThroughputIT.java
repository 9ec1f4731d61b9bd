package io.lockstep.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.server.config.ServerConfig;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Frames of many speakers a second, batched and one by one, by binary requests from the same
 * process; {@code -Dlockstep.frames=N} takes more of them.
 */
final class SequenceThroughputIT {

  private static final int[] SPEAKERS = {1, 8, 64};

  /** Frames of all speakers together, in each measurement. */
  private static final int FRAMES = Integer.getInteger("lockstep.frames", 640);

  @TempDir static Path folder;

  private final List<byte[]> tensors = new ArrayList<>();

  @Test
  @Timeout(180)
  void framesOfManySpeakersShareRuns() throws Exception {
    SileroFrames frames = SileroFrames.serveFrom(folder);
    for (int i = 0; i < 100; i++) {
      ByteBuffer bytes =
          ByteBuffer.allocate(4 * SileroFrames.SAMPLES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(frames.frame(i, 1));
      tensors.add(bytes.array());
    }
    ServerConfig.Batching defaults = ServerConfig.DEFAULTS.batching();
    ServerConfig.Batching single =
        new ServerConfig.Batching(
            1,
            defaults.maxBatchTokens(),
            defaults.maxQueueDelay(),
            defaults.maxQueueSize(),
            defaults.instances());
    try (BuiltInServer batched = BuiltInServer.serving(folder, defaults);
        BuiltInServer alone = BuiltInServer.serving(folder, single)) {
      for (int speakers : SPEAKERS) {
        framesPerSecond(batched, speakers); // the compiler has its chance, and plans are made
        framesPerSecond(alone, speakers);
      }
      for (int speakers : SPEAKERS) {
        JsonNode before = batched.statistics("silero").getFirst();
        double together = framesPerSecond(batched, speakers);
        JsonNode after = batched.statistics("silero").getFirst();
        double rows = grown(before, after, "inference_count");
        double runs = grown(before, after, "execution_count");
        System.out.printf(
            "Silero, %d sequences: %.0f frames/s, %.1f a run; with max_batch_size 1 %.0f frames/s%n",
            speakers, together, rows / runs, framesPerSecond(alone, speakers));
        assertTrue(speakers < 64 || rows > runs, "frames share runs");
      }
    }
  }

  private static double grown(JsonNode before, JsonNode after, String key) {
    return after.get(key).asDouble() - before.get(key).asDouble();
  }

  /** Every speaker sends a frame when the one before it is answered. */
  private double framesPerSecond(BuiltInServer server, int speakers) throws Exception {
    int each = Math.max(1, FRAMES / speakers);
    List<Future<?>> clients = new ArrayList<>();
    long start = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int speaker = 1; speaker <= speakers; speaker++) {
        int id = speaker;
        clients.add(
            threads.submit(() -> {
              for (int frame = 0; frame < each; frame++) {
                send(server, id, frame, frame == each - 1);
              }
            }));
      }
      for (Future<?> client : clients) {
        client.get();
      }
    }
    return each * speakers / ((System.nanoTime() - start) / 1e9);
  }

  private void send(BuiltInServer server, int id, int frame, boolean isLast) {
    byte[] tensor = tensors.get(frame % tensors.size());
    byte[] head =
        """
        {"parameters":{"sequence_id":%d,"sequence_start":%s,"sequence_end":%s},
        "inputs":[{"name":"input","datatype":"FP32","shape":[1,%d],
        "parameters":{"binary_data_size":%d}},
        {"name":"sr","datatype":"INT64","shape":[],"data":[16000]}]}\
        """
            .formatted(id, frame == 0, isLast, SileroFrames.SAMPLES, tensor.length)
            .getBytes(StandardCharsets.UTF_8);
    byte[] body = new byte[head.length + tensor.length];
    System.arraycopy(head, 0, body, 0, head.length);
    System.arraycopy(tensor, 0, body, head.length, tensor.length);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.uri(SileroFrames.INFER))
            .header("Inference-Header-Content-Length", Integer.toString(head.length))
            .POST(BodyPublishers.ofByteArray(body));
    assertEquals(200, server.send(request, BodyHandlers.discarding()).statusCode());
  }
}
