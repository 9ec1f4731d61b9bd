package io.lockstep.server.e2e;

import static io.lockstep.server.e2e.BuiltInServer.JSON;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Silero's voice activity detector hears many speakers at a time, its state kept by the server. */
final class SequencesIT {

  private static final int FRAMES = 40;
  private static final int SPEAKERS = 8;

  @TempDir static Path folder;

  private static BuiltInServer server;
  private static SileroFrames frames;

  @BeforeAll
  static void serve() throws IOException {
    frames = SileroFrames.serveFrom(folder);
    server = BuiltInServer.serving(folder);
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  /** A request for a frame of the recording, at the loudness of a speaker. */
  private static ObjectNode frame(int frame, int speaker) {
    ObjectNode request = JSON.createObjectNode();
    ArrayNode inputs = request.putArray("inputs");
    ObjectNode input = inputs.addObject().put("name", "input").put("datatype", "FP32");
    input.putArray("shape").add(1).add(SileroFrames.SAMPLES);
    ArrayNode data = input.putArray("data");
    for (float sample : frames.frame(frame, 1 + speaker)) {
      data.add(sample);
    }
    ObjectNode rate = inputs.addObject().put("name", "sr").put("datatype", "INT64");
    rate.putArray("shape");
    rate.putArray("data").add(16_000);
    return request;
  }

  private static ObjectNode step(int frame, int speaker, String id, boolean isLast) {
    ObjectNode request = frame(frame, speaker);
    ObjectNode parameters = request.putObject("parameters").put("sequence_id", id);
    parameters.put("sequence_start", frame == 0).put("sequence_end", isLast);
    return request;
  }

  private static JsonNode outputs(ObjectNode request) {
    try {
      return JSON.readTree(server.posted(SileroFrames.INFER, request.toString())).get("outputs");
    } catch (IOException problem) {
      throw new AssertionError(problem);
    }
  }

  /** Probabilities of a speaker's frames, the state carried by the client. */
  private static List<String> alone(int speaker) {
    List<String> probabilities = new ArrayList<>();
    JsonNode state = null;
    for (int frame = 0; frame < FRAMES; frame++) {
      ObjectNode request = frame(frame, speaker);
      ObjectNode input = request.withArray("inputs").addObject();
      input.put("name", "state").put("datatype", "FP32");
      input.putArray("shape").add(2).add(1).add(128);
      if (state == null) {
        ArrayNode zeros = input.putArray("data");
        for (int i = 0; i < 256; i++) {
          zeros.add(0);
        }
      } else {
        input.set("data", state);
      }
      JsonNode outputs = outputs(request);
      probabilities.add(outputs.get(0).get("data").get(0).asText());
      state = outputs.get(1).get("data");
    }
    return probabilities;
  }

  private static List<String> together(int speaker) {
    List<String> probabilities = new ArrayList<>();
    for (int frame = 0; frame < FRAMES; frame++) {
      JsonNode outputs = outputs(step(frame, speaker, "speaker " + speaker, frame == FRAMES - 1));
      assertEquals(1, outputs.size(), "the state stays on the server");
      probabilities.add(outputs.get(0).get("data").get(0).asText());
    }
    return probabilities;
  }

  @Test
  @Timeout(120)
  void everySpeakerIsHeardAsAloneAndAsTheGoldenSays() throws Exception {
    List<List<String>> alone = new ArrayList<>();
    for (int speaker = 0; speaker < SPEAKERS; speaker++) {
      alone.add(alone(speaker));
    }
    JsonNode before = server.statistics("silero").getFirst();
    List<Future<List<String>>> speakers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int speaker = 0; speaker < SPEAKERS; speaker++) {
        int number = speaker;
        speakers.add(threads.submit(() -> together(number)));
      }
    }
    for (int speaker = 0; speaker < SPEAKERS; speaker++) {
      assertEquals(alone.get(speaker), speakers.get(speaker).get(), "speaker " + speaker);
    }
    for (int frame = 0; frame < FRAMES; frame++) {
      double heard = Double.parseDouble(alone.getFirst().get(frame));
      assertEquals(frames.golden().get(frame).asDouble(), heard, 1e-3, "frame " + frame);
    }
    JsonNode after = server.statistics("silero").getFirst();
    int rows = after.get("inference_count").asInt() - before.get("inference_count").asInt();
    int runs = after.get("execution_count").asInt() - before.get("execution_count").asInt();
    System.out.printf("Silero: %d speakers, %.1f frames a run%n", SPEAKERS, (double) rows / runs);
    assertEquals(SPEAKERS * FRAMES, rows);
    assertTrue(runs < rows, "frames of speakers share runs");
    String metrics = server.get("/metrics").body();
    assertTrue(metrics.contains("lockstep_sequences_live{model=\"silero\",version=\"1\"} 0.0"));
  }

  @Test
  @Timeout(120)
  void sequenceGoesOnWhereItBeganWhileTheModelIsLoadedAnew() throws Exception {
    String before = server.get("/admin/models/silero").body();
    String loadedAt = JSON.readTree(before).findValue("loaded_at").asText();
    outputs(step(0, 0, "reload", false));
    try (ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Integer> reload =
          thread.submit(() -> server.post("/v2/repository/models/silero/load", "{}").statusCode());
      while (loadedAt.equals(
          JSON.readTree(server.get("/admin/models/silero").body())
              .findValue("loaded_at")
              .asText())) {
        Thread.onSpinWait();
      }
      for (int frame = 1; frame < 10; frame++) {
        JsonNode outputs = outputs(step(frame, 0, "reload", frame == 9));
        double heard = outputs.get(0).get("data").get(0).asDouble();
        assertEquals(frames.golden().get(frame).asDouble(), heard, 1e-3, "frame " + frame);
      }
      assertEquals(200, reload.get());
    }
    assertEquals(
        400, server.post(SileroFrames.INFER, step(3, 0, "reload", false).toString()).statusCode());
  }

  @Test
  void frameOfALengthThatTheModelCannotTakeIsRefusedAndTheSequenceGoesOn() throws IOException {
    outputs(step(0, 0, "odd", false));
    ObjectNode odd = step(1, 0, "odd", false);
    ObjectNode input = (ObjectNode) odd.get("inputs").get(0);
    input.putArray("shape").add(1).add(20);
    ArrayNode data = input.putArray("data");
    for (int i = 0; i < 20; i++) {
      data.add(0);
    }
    HttpResponse<String> refused = server.post(SileroFrames.INFER, odd.toString());
    assertEquals(400, refused.statusCode(), refused.body());
    String sentence = JSON.readTree(refused.body()).get("error").asText();
    assertTrue(
        sentence.startsWith("the model cannot run inputs of shapes 'input' [1,20], 'state'"),
        sentence);
    double heard = outputs(step(1, 0, "odd", true)).get(0).get("data").get(0).asDouble();
    assertEquals(frames.golden().get(1).asDouble(), heard, 1e-3);
    assertEquals(200, server.get("/v2/models/silero/ready").statusCode());
  }

  @Test
  void refusalsAreOneSentence() throws IOException {
    String answer = server.post(SileroFrames.INFER, step(3, 0, "nobody", false).toString()).body();
    assertEquals(
        "sequence 'nobody' is not known: it was never started, has ended, or was silent for 60 s; "
            + "begin it with sequence_start",
        JSON.readTree(answer).get("error").asText());
  }
}
