package io.lockstep.loadtest.decode;

import io.lockstep.runtime.importer.gguf.GgufFile;
import io.lockstep.runtime.importer.gguf.GgufMetadata;
import io.lockstep.runtime.quant.BlockFormat;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes a model of the Llama family with random weights and a real vocabulary, as GGUF. */
final class RandomModelFile {

  private static final String TOKENS = "tokenizer.ggml.tokens";
  private static final int ALIGNMENT = 32;
  private static final int CONTEXT = 4096;

  private static final int TYPE_INT = 5;
  private static final int TYPE_FLOAT = 6;
  private static final int TYPE_STRING = 8;
  private static final int TYPE_ARRAY = 9;

  private final ModelShape shape;
  private final BlockFormat format;
  private final GgufMetadata vocabulary;
  private final int tokens;
  private final ByteArrayOutputStream entries = new ByteArrayOutputStream();
  private int entryCount;

  /** Extents of matrices, rows first, by name; vectors have no columns. */
  private final Map<String, int[]> tensors = new LinkedHashMap<>();

  private RandomModelFile(ModelShape shape, BlockFormat format, GgufMetadata vocabulary) {
    this.shape = shape;
    this.format = format;
    this.vocabulary = vocabulary;
    this.tokens = strings(TOKENS).length;
  }

  /** Writes the file unless it is there already. */
  static Path write(Path folder, ModelShape shape, BlockFormat format, Path vocabulary)
      throws IOException {
    Path file = folder.resolve("random-" + shape.name() + "-" + format + ".gguf");
    if (!Files.exists(file)) {
      Path partial = folder.resolve(file.getFileName() + ".partial");
      try (GgufFile source = GgufFile.open(vocabulary);
          OutputStream out = new BufferedOutputStream(Files.newOutputStream(partial), 1 << 20)) {
        new RandomModelFile(shape, format, source.metadata()).write(out);
      }
      Files.move(partial, file);
    }
    return file;
  }

  private String[] strings(String key) {
    return vocabulary
        .strings(key)
        .orElseThrow(() -> new IllegalArgumentException("the vocabulary has no " + key));
  }

  private void write(OutputStream out) throws IOException {
    metadata();
    describe();
    ByteArrayOutputStream descriptions = new ByteArrayOutputStream();
    long offset = 0;
    for (Map.Entry<String, int[]> tensor : tensors.entrySet()) {
      int[] extents = tensor.getValue();
      descriptions.writeBytes(text(tensor.getKey()));
      descriptions.writeBytes(little(4).putInt(extents.length).array());
      for (int axis = extents.length - 1; axis >= 0; axis--) {
        descriptions.writeBytes(little(8).putLong(extents[axis]).array());
      }
      int code = formatOf(extents).ggufCode();
      descriptions.writeBytes(little(12).putInt(code).putLong(offset).array());
      offset += padded(bytes(extents));
    }
    out.write("GGUF".getBytes(StandardCharsets.US_ASCII));
    out.write(little(20).putInt(3).putLong(tensors.size()).putLong(entryCount).array());
    entries.writeTo(out);
    descriptions.writeTo(out);
    long header = 24L + entries.size() + descriptions.size();
    out.write(new byte[(int) (padded(header) - header)]);
    long seed = 1;
    for (int[] extents : tensors.values()) {
      weights(out, extents, seed++);
    }
  }

  private void metadata() {
    string("general.architecture", "llama");
    integer("llama.context_length", CONTEXT);
    integer("llama.embedding_length", shape.width());
    integer("llama.block_count", shape.layers());
    integer("llama.feed_forward_length", shape.feedForward());
    integer("llama.attention.head_count", shape.heads());
    integer("llama.attention.head_count_kv", shape.kvHeads());
    integer("llama.rope.dimension_count", shape.width() / shape.heads());
    integer("llama.vocab_size", tokens);
    number("llama.attention.layer_norm_rms_epsilon", 1e-5f);
    string("tokenizer.ggml.model", "llama");
    array(TOKENS, TYPE_STRING, tokens);
    for (String token : strings(TOKENS)) {
      entries.writeBytes(text(token));
    }
    array("tokenizer.ggml.scores", TYPE_FLOAT, tokens);
    for (double score : vocabulary.numbers("tokenizer.ggml.scores").orElseThrow()) {
      entries.writeBytes(little(4).putFloat((float) score).array());
    }
    array("tokenizer.ggml.token_type", TYPE_INT, tokens);
    for (long type : vocabulary.integers("tokenizer.ggml.token_type").orElseThrow()) {
      entries.writeBytes(little(4).putInt((int) type).array());
    }
    integer("tokenizer.ggml.bos_token_id", 1);
    integer("tokenizer.ggml.eos_token_id", 2);
  }

  private void describe() {
    tensors.put("token_embd.weight", new int[] {tokens, shape.width()});
    for (int layer = 0; layer < shape.layers(); layer++) {
      String at = "blk." + layer + ".";
      tensors.put(at + "attn_norm.weight", new int[] {shape.width()});
      tensors.put(at + "attn_q.weight", new int[] {shape.width(), shape.width()});
      tensors.put(at + "attn_k.weight", new int[] {shape.kvWidth(), shape.width()});
      tensors.put(at + "attn_v.weight", new int[] {shape.kvWidth(), shape.width()});
      tensors.put(at + "attn_output.weight", new int[] {shape.width(), shape.width()});
      tensors.put(at + "ffn_norm.weight", new int[] {shape.width()});
      tensors.put(at + "ffn_gate.weight", new int[] {shape.feedForward(), shape.width()});
      tensors.put(at + "ffn_up.weight", new int[] {shape.feedForward(), shape.width()});
      tensors.put(at + "ffn_down.weight", new int[] {shape.width(), shape.feedForward()});
    }
    tensors.put("output_norm.weight", new int[] {shape.width()});
    tensors.put("output.weight", new int[] {tokens, shape.width()});
  }

  private BlockFormat formatOf(int[] extents) {
    return extents.length == 1 ? BlockFormat.F32 : format;
  }

  private long bytes(int[] extents) {
    long count = extents.length == 1 ? extents[0] : (long) extents[0] * extents[1];
    return formatOf(extents).bytes(count);
  }

  private void weights(OutputStream out, int[] extents, long seed) throws IOException {
    long bytes = bytes(extents);
    if (extents.length == 1) {
      for (int i = 0; i < extents[0]; i++) {
        out.write(little(4).putFloat(1).array());
      }
    } else {
      byte[] blocks = RandomBlocks.of(format, extents[1], seed);
      for (long written = 0; written < bytes; written += blocks.length) {
        out.write(blocks, 0, (int) Math.min(blocks.length, bytes - written));
      }
    }
    out.write(new byte[(int) (padded(bytes) - bytes)]);
  }

  private static long padded(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private void string(String key, String value) {
    key(key, TYPE_STRING);
    entries.writeBytes(text(value));
  }

  private void integer(String key, int value) {
    key(key, TYPE_INT - 1);
    entries.writeBytes(little(4).putInt(value).array());
  }

  private void number(String key, float value) {
    key(key, TYPE_FLOAT);
    entries.writeBytes(little(4).putFloat(value).array());
  }

  private void array(String key, int type, int count) {
    key(key, TYPE_ARRAY);
    entries.writeBytes(little(12).putInt(type).putLong(count).array());
  }

  private void key(String key, int type) {
    entryCount++;
    entries.writeBytes(text(key));
    entries.writeBytes(little(4).putInt(type).array());
  }

  private static byte[] text(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    return little(8 + bytes.length).putLong(bytes.length).put(bytes).array();
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
