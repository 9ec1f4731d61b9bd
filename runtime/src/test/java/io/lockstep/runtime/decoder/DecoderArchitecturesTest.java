package io.lockstep.runtime.decoder;

import static io.lockstep.runtime.decoder.TinyDecoder.FEED_FORWARD;
import static io.lockstep.runtime.decoder.TinyDecoder.HEAD;
import static io.lockstep.runtime.decoder.TinyDecoder.HEADS;
import static io.lockstep.runtime.decoder.TinyDecoder.KV_HEADS;
import static io.lockstep.runtime.decoder.TinyDecoder.WIDTH;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.DecoderModel;
import io.lockstep.runtime.RuntimeOptions;
import io.lockstep.runtime.RuntimeOptions.KernelChoice;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each architecture against a decoder in double precision. */
class DecoderArchitecturesTest {

  private static final int FUSED_HEADS = (HEADS + 2 * KV_HEADS) * HEAD;

  @TempDir private Path folder;

  private static int[] tokens() {
    return new Random(11).ints(45, 0, TinyDecoder.VOCABULARY).toArray();
  }

  private void assertMatches(TinyDecoder decoder, ReferenceDecoder reference) throws IOException {
    Path file = Files.write(folder.resolve("model.gguf"), decoder.file.toBytes());
    double[] expected = reference.logits(tokens());
    for (KernelChoice kernels : new KernelChoice[] {KernelChoice.SCALAR, KernelChoice.AUTO}) {
      try (DecoderModel model =
              DecoderModel.load(file, RuntimeOptions.defaults().withKernels(kernels));
          DecoderSession session = model.newSession(4)) {
        BlockTable table = session.blocks().match(new int[0]);
        session.blocks().grow(table, tokens().length);
        StepBatch batch = new StepBatch();
        batch.add(tokens(), 0, 20, 0, table, false);
        session.forward(batch);
        batch.clear();
        batch.add(tokens(), 20, tokens().length - 20, 20, table, true);
        MemorySegment logits = session.forward(batch);
        for (int i = 0; i < expected.length; i++) {
          float actual = logits.getAtIndex(ValueLayout.JAVA_FLOAT, i);
          assertEquals(expected[i], actual, 2e-4, decoder.architecture + " " + i);
        }
      }
    }
  }

  private static TinyDecoder llama() {
    return new TinyDecoder("llama", 2, 64, 1).separateHeads(false).gatedLayers(false);
  }

  @Test
  void llamaTurnsNeighbouringElements() throws IOException {
    TinyDecoder decoder = llama().matrix("output.weight", TinyDecoder.VOCABULARY, WIDTH);
    ReferenceDecoder reference = new ReferenceDecoder(decoder);
    reference.isInterleaved = true;
    assertMatches(decoder, reference);
  }

  @Test
  void linearScalingDividesAllAngles() throws IOException {
    TinyDecoder decoder =
        llama().string("rope.scaling.type", "linear").number("rope.scaling.factor", 4);
    ReferenceDecoder reference = new ReferenceDecoder(decoder);
    reference.isInterleaved = true;
    reference.angles = (pair, layer) -> Math.pow(10_000, -2.0 * pair / HEAD) / 4;
    assertMatches(decoder, reference);
  }

  @Test
  void divisorsInTheFileChangeSingleAngles() throws IOException {
    TinyDecoder decoder = llama().vector("rope_freqs.weight", 2, HEAD / 2);
    float[] factors = decoder.tensors.getOrDefault("rope_freqs.weight", new float[0]);
    ReferenceDecoder reference = new ReferenceDecoder(decoder);
    reference.isInterleaved = true;
    reference.angles = (pair, layer) -> Math.pow(10_000, -2.0 * pair / HEAD) / factors[pair];
    assertMatches(decoder, reference);
  }

  @Test
  void qwen2HasBiasesAndYarnLeavesFastAngles() throws IOException {
    TinyDecoder decoder =
        new TinyDecoder("qwen2", 2, 64, 2)
            .separateHeads(true)
            .gatedLayers(false)
            .string("rope.scaling.type", "yarn")
            .number("rope.scaling.factor", 4)
            .integer("rope.scaling.original_context_length", 2048);
    ReferenceDecoder reference = new ReferenceDecoder(decoder);
    reference.magnitude = 0.1 * Math.log(4) + 1;
    // 2048 / (2 pi 32) = 10.2 and 2048 / (2 pi) = 326 are 10000^(2 pair / 6) for pairs 0.76 and
    // 1.88: pair 0 stays, pair 1 is half-way between 0 and 2, pair 2 is divided.
    double[] kept = {1, 0.5, 0};
    reference.angles =
        (pair, layer) -> Math.pow(10_000, -2.0 * pair / HEAD) * (kept[pair] + (1 - kept[pair]) / 4);
    assertMatches(decoder, reference);
  }

  @Test
  void qwen3NormalisesHeads() throws IOException {
    TinyDecoder decoder =
        new TinyDecoder("qwen3", 2, 64, 3)
            .separateHeads(false)
            .gatedLayers(false)
            .number("rope.freq_base", 1e6)
            .layerVector("attn_q_norm.weight", 1, HEAD)
            .layerVector("attn_k_norm.weight", 1, HEAD);
    ReferenceDecoder reference = new ReferenceDecoder(decoder);
    reference.angles = (pair, layer) -> Math.pow(1e6, -2.0 * pair / HEAD);
    assertMatches(decoder, reference);
  }

  private static TinyDecoder gemma(String architecture, int layers) {
    return new TinyDecoder(architecture, layers, 64, 4)
        .separateHeads(false)
        .gatedLayers(false)
        .integer("attention.sliding_window", 7)
        .layerVector("post_attention_norm.weight", 1, WIDTH)
        .layerVector("post_ffw_norm.weight", 1, WIDTH);
  }

  private static ReferenceDecoder gemmaReference(TinyDecoder decoder, int period) {
    ReferenceDecoder reference = new ReferenceDecoder(decoder);
    reference.embeddingScale = Math.sqrt(WIDTH);
    reference.activation = ReferenceDecoder::gelu;
    reference.window = 7;
    reference.isWindowed = layer -> layer % period != period - 1;
    return reference;
  }

  @Test
  void gemma2CapsScoresAndLogitsAndSeesAWindowInEverySecondLayer() throws IOException {
    TinyDecoder decoder =
        gemma("gemma2", 3).number("attn_logit_softcapping", 2).number("final_logit_softcapping", 3);
    ReferenceDecoder reference = gemmaReference(decoder, 2);
    reference.scoreCap = 2;
    reference.logitCap = 3;
    assertMatches(decoder, reference);
  }

  @Test
  void gemma3TurnsWindowedLayersByTheirOwnAngles() throws IOException {
    TinyDecoder decoder =
        gemma("gemma3", 7)
            .number("rope.freq_base", 1e6)
            .string("rope.scaling.type", "linear")
            .number("rope.scaling.factor", 8)
            .layerVector("attn_q_norm.weight", 1, HEAD)
            .layerVector("attn_k_norm.weight", 1, HEAD);
    ReferenceDecoder reference = gemmaReference(decoder, 6);
    reference.angles =
        (pair, layer) ->
            layer == 5
                ? Math.pow(1e6, -2.0 * pair / HEAD) / 8
                : Math.pow(10_000, -2.0 * pair / HEAD);
    assertMatches(decoder, reference);
  }

  private static TinyDecoder phi3(int context) {
    return new TinyDecoder("phi3", 2, context, 5)
        .gatedLayers(true)
        .layerMatrix("attn_qkv.weight", FUSED_HEADS, WIDTH)
        .integer("rope.dimension_count", 4)
        .integer("rope.scaling.original_context_length", 32)
        .integer("attention.sliding_window", 9)
        .vector("rope_factors_long.weight", 3, 2)
        .vector("rope_factors_short.weight", 1, 2);
  }

  private static ReferenceDecoder phi3Reference(TinyDecoder decoder, String factors) {
    float[] divisors = decoder.tensors.getOrDefault(factors, new float[0]);
    ReferenceDecoder reference = new ReferenceDecoder(decoder);
    reference.turned = 4;
    reference.window = 9;
    reference.isWindowed = layer -> true;
    reference.angles = (pair, layer) -> Math.pow(10_000, -2.0 * pair / 4) / divisors[pair];
    return reference;
  }

  @Test
  void phi3TurnsPartOfAHeadByDivisorsForLongContexts() throws IOException {
    TinyDecoder decoder = phi3(128);
    ReferenceDecoder reference = phi3Reference(decoder, "rope_factors_long.weight");
    reference.magnitude = Math.sqrt(1 + Math.log(4) / Math.log(32));
    assertMatches(decoder, reference);
  }

  @Test
  void phi3TakesTheOtherDivisorsForTheContextItWasTrainedFor() throws IOException {
    TinyDecoder decoder = phi3(32);
    assertMatches(decoder, phi3Reference(decoder, "rope_factors_short.weight"));
  }

  @Test
  void gpt2AddsPositionsAndSubtractsMeans() throws IOException {
    TinyDecoder decoder =
        new TinyDecoder("gpt2", 2, 64, 6)
            .number("attention.layer_norm_epsilon", 1e-3)
            .matrix("position_embd.weight", 64, WIDTH)
            .vector("output_norm.weight", 1, WIDTH)
            .vector("output_norm.bias", 0, WIDTH)
            .layerVector("attn_norm.weight", 1, WIDTH)
            .layerVector("attn_norm.bias", 0, WIDTH)
            .layerMatrix("attn_qkv.weight", FUSED_HEADS, WIDTH)
            .layerVector("attn_qkv.bias", 0, FUSED_HEADS)
            .layerMatrix("attn_output.weight", WIDTH, HEADS * HEAD)
            .layerVector("attn_output.bias", 0, WIDTH)
            .layerVector("ffn_norm.weight", 1, WIDTH)
            .layerVector("ffn_norm.bias", 0, WIDTH)
            .layerMatrix("ffn_up.weight", FEED_FORWARD, WIDTH)
            .layerVector("ffn_up.bias", 0, FEED_FORWARD)
            .layerMatrix("ffn_down.weight", WIDTH, FEED_FORWARD)
            .layerVector("ffn_down.bias", 0, WIDTH);
    ReferenceDecoder reference = new ReferenceDecoder(decoder);
    reference.subtractsMean = true;
    reference.epsilon = 1e-3;
    reference.turned = 0;
    reference.activation = ReferenceDecoder::gelu;
    assertMatches(decoder, reference);
  }
}
