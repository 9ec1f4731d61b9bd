package io.lockstep.training.file;

import io.lockstep.runtime.importer.ModelTensor;
import io.lockstep.runtime.importer.gguf.GgufBytes;
import io.lockstep.runtime.importer.gguf.GgufFile;
import io.lockstep.runtime.quant.BlockDecoder;
import io.lockstep.runtime.quant.BlockEncoder;
import io.lockstep.runtime.quant.BlockFormat;
import io.lockstep.training.network.DecoderShape;
import io.lockstep.training.network.Floats;
import io.lockstep.training.network.ParameterLayout;
import io.lockstep.training.network.ParameterLayout.Slice;
import io.lockstep.training.vocabulary.StoryVocabulary;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/** A trained decoder with its vocabulary as a GGUF file: matrices as Q8_0, norms as floats. */
public final class StoryTellerFile {

  /** What turns a conversation into the text that the decoder continues. */
  private static final String CHAT_TEMPLATE =
      "{{ bos_token }}{% for message in messages %}"
          + "{% if message['role'] == 'user' %}<|user|>{{ message['content'] | trim }}<|end|>"
          + "{% elif message['role'] == 'assistant' %}"
          + "<|assistant|>{{ message['content'] | trim }}<|end|>"
          + "{% endif %}{% endfor %}"
          + "{% if add_generation_prompt %}<|assistant|>{% endif %}";

  private static final int BOOLEAN = 7; // GGUF's numbers for types of metadata
  private static final int ARRAY = 9;
  private static final int INT32 = 5;
  private static final int NORMAL = 1; // and for roles of tokens
  private static final int CONTROL = 3;

  private StoryTellerFile() {}

  /**
   * The bytes of the file.
   *
   * @param weights float [parameters], see {@link ParameterLayout}
   */
  public static byte[] bytes(
      DecoderShape shape, StoryVocabulary vocabulary, MemorySegment weights) {
    GgufBytes file = new GgufBytes();
    describe(shape, file);
    describe(vocabulary, file);
    for (Slice slice : new ParameterLayout(shape).slices()) {
      BlockFormat format = slice.isMatrix() ? BlockFormat.Q8_0 : BlockFormat.F32;
      byte[] blocks = encoded(format, slice, weights);
      if (slice.isMatrix()) {
        file.tensor(slice.name(), format, blocks, slice.rows(), slice.columns());
      } else {
        file.tensor(slice.name(), format, blocks, slice.columns());
      }
    }
    return file.toBytes();
  }

  /** What {@link #bytes} wrote, as floats; float [parameters], see {@link ParameterLayout}. */
  public static MemorySegment weights(DecoderShape shape, Path path) {
    ParameterLayout layout = new ParameterLayout(shape);
    MemorySegment weights = Floats.zeros(layout.count());
    try (GgufFile file = GgufFile.open(path)) {
      for (Slice slice : layout.slices()) {
        ModelTensor tensor = file.tensor(slice.name()).orElseThrow();
        float[] values = new float[Math.toIntExact(slice.count())];
        BlockDecoder.decode(tensor.format(), tensor.data(), 0, values.length, values, 0);
        long to = slice.offset() * Float.BYTES;
        MemorySegment.copy(values, 0, weights, ValueLayout.JAVA_FLOAT, to, values.length);
      }
    }
    return weights;
  }

  private static void describe(DecoderShape shape, GgufBytes file) {
    file.string("general.architecture", "llama")
        .string("general.name", "Storyteller")
        .string("general.description", "Tells small stories; trained by Lockstep's own kernels")
        .integer("llama.context_length", shape.context())
        .integer("llama.embedding_length", shape.width())
        .integer("llama.block_count", shape.layers())
        .integer("llama.attention.head_count", shape.heads())
        .integer("llama.attention.head_count_kv", shape.kvHeads())
        .integer("llama.attention.key_length", shape.headSize())
        .integer("llama.attention.value_length", shape.headSize())
        .integer("llama.rope.dimension_count", shape.headSize())
        .integer("llama.feed_forward_length", shape.feedForward())
        .number("llama.rope.freq_base", (float) DecoderShape.ROPE_BASE)
        .number("llama.attention.layer_norm_rms_epsilon", DecoderShape.NORM_EPSILON);
  }

  private static void describe(StoryVocabulary vocabulary, GgufBytes file) {
    int count = vocabulary.tokens().size();
    ByteBuffer types = ByteBuffer.allocate(12 + 4 * count).order(ByteOrder.LITTLE_ENDIAN);
    types.putInt(INT32).putLong(count);
    for (int id = 0; id < count; id++) {
      types.putInt(vocabulary.isControl(id) ? CONTROL : NORMAL);
    }
    file.string("tokenizer.ggml.model", "gpt2")
        .string("tokenizer.ggml.pre", StoryVocabulary.SPLITTING)
        .strings("tokenizer.ggml.tokens", vocabulary.tokens())
        .raw("tokenizer.ggml.token_type", ARRAY, types.array())
        .strings("tokenizer.ggml.merges", vocabulary.merges())
        .integer("tokenizer.ggml.bos_token_id", StoryVocabulary.BEGIN)
        .integer("tokenizer.ggml.eos_token_id", StoryVocabulary.END)
        .raw("tokenizer.ggml.add_bos_token", BOOLEAN, new byte[] {1})
        .string("tokenizer.chat_template", CHAT_TEMPLATE);
  }

  private static byte[] encoded(BlockFormat format, Slice slice, MemorySegment weights) {
    int count = Math.toIntExact(slice.count());
    float[] values = new float[count];
    long from = slice.offset() * Float.BYTES;
    MemorySegment.copy(weights, ValueLayout.JAVA_FLOAT, from, values, 0, count);
    byte[] blocks = new byte[Math.toIntExact(format.bytes(count))];
    BlockEncoder.encode(format, values, 0, count, MemorySegment.ofArray(blocks), 0);
    return blocks;
  }
}
