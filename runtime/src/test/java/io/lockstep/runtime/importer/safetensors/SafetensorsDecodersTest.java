package io.lockstep.runtime.importer.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.DecoderModel;
import io.lockstep.runtime.ModelLoader;
import io.lockstep.runtime.RuntimeOptions;
import io.lockstep.runtime.TestFolders;
import io.lockstep.runtime.decoder.BlockTable;
import io.lockstep.runtime.decoder.DecoderSession;
import io.lockstep.runtime.decoder.StepBatch;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.ModelException;
import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.importer.ModelTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsDecodersTest {

  private static final int[] TOKENS = {1, 403, 407, 261, 378, 285, 13, 20, 77, 300, 9};

  @TempDir private Path folder;

  private static Path stories() {
    return TestFolders.testdata("stories260k/hf/model.safetensors");
  }

  private static float[] logits(DecoderModel model) {
    try (DecoderSession session = model.newSession(2)) {
      BlockTable table = session.blocks().match(new int[0]);
      session.blocks().grow(table, TOKENS.length);
      StepBatch batch = new StepBatch();
      batch.add(TOKENS, 0, TOKENS.length, 0, table, true);
      return session.forward(batch).toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  private static float[] logits(Path file) {
    try (DecoderModel model = ModelLoader.loadDecoder(file, RuntimeOptions.defaults())) {
      return logits(model);
    }
  }

  @Test
  void bothKindsOfFilesGiveTheSameBits() {
    Path gguf = TestFolders.testdata("stories260k/stories260K.gguf");
    assertArrayEquals(logits(gguf), logits(stories()));
  }

  @Test
  void endsOfTextsAreThoseOfTheConfiguration() {
    try (DecoderModel model = ModelLoader.loadDecoder(stories(), RuntimeOptions.defaults())) {
      assertEquals(List.of(2), model.endTokens());
    }
  }

  /** The bytes of a tensor's elements in two bytes each, cut off or rounded to halves. */
  private static byte[] narrow(MemorySegment floats, boolean isBrain) {
    int count = (int) (floats.byteSize() / Float.BYTES);
    ByteBuffer bytes = ByteBuffer.allocate(2 * count).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      float value = floats.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i);
      int upper = (Float.floatToRawIntBits(value) + 0x8000) >>> 16;
      bytes.putShort((short) (isBrain ? upper : Float.floatToFloat16(value)));
    }
    return bytes.array();
  }

  /** The stories model in two files and an index, every third tensor as it is. */
  private Path shards() throws IOException {
    SafetensorsBytes[] shards = {new SafetensorsBytes(), new SafetensorsBytes()};
    StringBuilder index = new StringBuilder("{\"weight_map\":{");
    try (SafetensorsFiles files = SafetensorsFiles.open(stories())) {
      int i = 0;
      for (String name : files.names()) {
        ModelTensor tensor = files.tensor(name).orElseThrow();
        long[] extents = tensor.extents().stream().mapToLong(Long::longValue).toArray();
        String type = List.of("F32", "F16", "BF16").get(i % 3);
        byte[] bytes =
            type.equals("F32")
                ? tensor.data().toArray(ValueLayout.JAVA_BYTE)
                : narrow(tensor.data(), type.equals("BF16"));
        shards[i % 2].tensor(name, type, bytes, extents);
        index.append(i == 0 ? "" : ",");
        index.append("\"%s\":\"part-%d.safetensors\"".formatted(name, i++ % 2));
      }
    }
    Files.write(folder.resolve("part-0.safetensors"), shards[0].toBytes());
    Files.write(folder.resolve("part-1.safetensors"), shards[1].toBytes());
    Files.copy(stories().resolveSibling("config.json"), folder.resolve("config.json"));
    return Files.writeString(folder.resolve("model.safetensors.index.json"), index + "}}");
  }

  @Test
  void anIndexJoinsFilesAndHalvesAreNearTheirFloats() throws IOException {
    assertNear(logits(stories()), logits(shards()), 0.3f);
  }

  @Test
  void matricesOfWholeBlocksAreQuantisedOnRequest() {
    try (DecoderModel model = DecoderModel.loadQuantized(stories(), RuntimeOptions.defaults())) {
      assertNear(logits(stories()), logits(model), 0.5f);
    }
  }

  private static void assertNear(float[] expected, float[] actual, float tolerance) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], tolerance);
    }
  }

  private String refusal(Class<? extends ModelException> type, byte[] file) {
    try {
      Path path = Files.write(folder.resolve("model.safetensors"), file);
      if (!Files.exists(folder.resolve("config.json"))) {
        Files.copy(stories().resolveSibling("config.json"), folder.resolve("config.json"));
      }
      return String.valueOf(
          assertThrows(type, () -> SafetensorsDecoders.open(path, false).files().close())
              .getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void assertInvalid(String message, String header, int dataBytes) {
    byte[] file = SafetensorsBytes.file(header, new byte[dataBytes]);
    assertTrue(refusal(InvalidModelException.class, file).contains(message), header);
  }

  @Test
  void headersThatLieAreRefusedWithASentence() {
    String huge = refusal(InvalidModelException.class, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1});
    assertEquals("the file's header has 18446744073709551615 bytes by its own account", huge);
    refusal(InvalidModelException.class, new byte[] {1, 2});
    assertInvalid("no JSON object", "[1]", 0);
    assertInvalid("no valid JSON", "{\"a\":", 0);
    assertInvalid("no valid JSON", "{\"a\":" + "[".repeat(100), 0);
    String tensor = "{\"a\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":%s}}";
    assertInvalid("outside", tensor.formatted("[2]", "[0,16]"), 8);
    assertInvalid("outside", tensor.formatted("[2]", "[-8,0]"), 8);
    assertInvalid("outside", tensor.formatted("[2]", "[8,0]"), 8);
    assertInvalid("outside", tensor.formatted("[2]", "[]"), 8);
    assertInvalid("not what", tensor.formatted("[3]", "[0,8]"), 8);
    assertInvalid("too large", tensor.formatted("[2000000000,2000000000,9]", "[0,8]"), 8);
    assertInvalid("extent -2", tensor.formatted("[-2]", "[0,8]"), 8);
    assertInvalid("extent 1.5", tensor.formatted("[1.5]", "[0,8]"), 8);
    assertInvalid("no shape", tensor.formatted("7", "[0,8]"), 8);
    assertInvalid("goes on", tensor.formatted("[2]", "[0,8]"), 9);
    assertInvalid("follows a gap", tensor.formatted("[1]", "[4,8]"), 8);
  }

  @Test
  void listsTypesThatAreNotSupported() {
    byte[] file =
        new SafetensorsBytes()
            .tensor("a", "I64", new byte[8], 1)
            .tensor("b", "F8_E4M3", new byte[8], 8)
            .toBytes();
    assertTrue(refusal(UnsupportedModelException.class, file).endsWith(": F8_E4M3, I64"));
  }

  @Test
  void anIndexNamesFilesBesideItOnly() throws IOException {
    Files.copy(stories().resolveSibling("config.json"), folder.resolve("config.json"));
    Path index =
        Files.writeString(
            folder.resolve("model.safetensors.index.json"),
            "{\"weight_map\":{\"a\":\"../other.safetensors\"}}");
    InvalidModelException refusal =
        assertThrows(
            InvalidModelException.class,
            () -> SafetensorsDecoders.open(index, false).files().close());
    assertEquals("the index names a file '../other.safetensors'", refusal.getMessage());
  }

  @Test
  void listsAllThatIsMissingAtOnce() throws IOException {
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type": "mixtral", "hidden_act": "relu", "rope_scaling": {"rope_type": "dynamic"},
         "quantization_config": {}}
        """);
    String refusal = refusal(UnsupportedModelException.class, new SafetensorsBytes().toBytes());
    assertTrue(refusal.contains("architecture 'mixtral'"), refusal);
    assertTrue(
        refusal.endsWith(
            "; rope scaling 'dynamic'; activation 'relu'; weights that are quantised already"),
        refusal);
  }
}
