package io.lockstep.loadtest.decode;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.LlamaOutput;
import de.kherud.llama.ModelParameters;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicLong;

/** llama.cpp by its Java binding, as Maven has it: built for no kind of processor in particular. */
final class MavenLlama implements Contender {

  private static final int CONTEXT = 8192;
  private static final int STREAMS = 8;

  private final LlamaModel model;

  MavenLlama(Path file, int threads) {
    this.model =
        new LlamaModel(
            new ModelParameters()
                .setModel(file.toString())
                .setThreads(threads)
                .setThreadsBatch(threads)
                .setCtxSize(CONTEXT)
                .setParallel(STREAMS)
                .disableLog());
  }

  private static InferenceParameters parameters(String prompt, int tokens) {
    return new InferenceParameters(prompt)
        .setNPredict(tokens)
        .setTemperature(0)
        .setIgnoreEos(true)
        .setCachePrompt(false);
  }

  @Override
  public double prefill(int tokens) {
    String prompt = "the" + " the".repeat(tokens - 2);
    int count = model.encode(prompt).length + 1; // the token that begins a text
    final long start = System.nanoTime();
    for (LlamaOutput ignored : model.generate(parameters(prompt, 1))) {
      // one token alone
    }
    return count / ((System.nanoTime() - start) / 1e9);
  }

  @Override
  public double decode(int streams, int tokens) {
    CyclicBarrier ready = new CyclicBarrier(streams);
    AtomicLong first = new AtomicLong(Long.MAX_VALUE);
    AtomicLong last = new AtomicLong(Long.MIN_VALUE);
    List<Thread> threads = new ArrayList<>();
    for (int stream = 0; stream < streams; stream++) {
      String prompt = "word " + stream;
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                await(ready);
                for (LlamaOutput ignored : model.generate(parameters(prompt, tokens + 1))) {
                  first.accumulateAndGet(System.nanoTime(), Math::min);
                }
                last.accumulateAndGet(System.nanoTime(), Math::max);
              }));
    }
    threads.forEach(MavenLlama::join);
    return streams * tokens / ((last.get() - first.get()) / 1e9);
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) { // interrupted or broken: there is no measurement then
      throw new IllegalStateException(e);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
