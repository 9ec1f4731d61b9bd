package io.lockstep.training;

import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.training.network.DecoderPass;
import io.lockstep.training.network.DecoderShape;
import io.lockstep.training.network.Floats;
import io.lockstep.training.network.ParameterLayout;
import io.lockstep.training.vocabulary.Samples;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The gradient of a batch, computed in shards by worker threads and summed in the order of the
 * shards, so that it has the same bits for any number of workers.
 */
final class DataParallelGradient implements AutoCloseable {

  private final int sequences; // of a shard
  private final int length;
  private final List<Shard> shards = new ArrayList<>();
  private final BlockingQueue<DecoderPass> idle; // one for each worker
  private final ExecutorService workers;

  /** A part of the batch and its gradient. */
  private static final class Shard {
    final int[] tokens; // [sequences * length]
    final int[] targets; // [sequences * length]
    final MemorySegment gradient; // float [parameters]

    Shard(int rows, long parameters) {
      this.tokens = new int[rows];
      this.targets = new int[rows];
      this.gradient = Floats.zeros(parameters);
    }
  }

  /**
   * Makes the threads and takes the memory.
   *
   * @param sequences of a shard
   */
  DataParallelGradient(
      DecoderShape shape, KernelSet kernels, int shardCount, int sequences, int threads) {
    this.sequences = sequences;
    this.length = shape.context();
    long parameters = new ParameterLayout(shape).count();
    for (int i = 0; i < shardCount; i++) {
      shards.add(new Shard(sequences * length, parameters));
    }
    this.idle = new ArrayBlockingQueue<>(threads);
    for (int i = 0; i < threads; i++) {
      idle.add(new DecoderPass(shape, kernels, sequences, length));
    }
    this.workers = Executors.newFixedThreadPool(threads);
  }

  /**
   * Takes the next samples.
   *
   * @param sum float [parameters], takes the gradient of the mean loss
   * @return the mean loss of a target
   */
  double next(Samples samples, MemorySegment weights, MemorySegment sum)
      throws InterruptedException, ExecutionException {
    int targets = 0;
    for (Shard shard : shards) {
      for (int i = 0; i < sequences; i++) {
        targets += samples.fill(shard.tokens, shard.targets, i * length, length);
      }
    }
    float scale = 1f / targets;
    List<Future<Double>> losses = new ArrayList<>();
    for (Shard shard : shards) {
      losses.add(workers.submit(() -> loss(shard, weights, scale)));
    }
    double loss = 0;
    sum.fill((byte) 0);
    for (int i = 0; i < shards.size(); i++) {
      loss += losses.get(i).get();
      Floats.add(shards.get(i).gradient, sum);
    }
    return loss / targets;
  }

  private double loss(Shard shard, MemorySegment weights, float scale) throws InterruptedException {
    DecoderPass pass = idle.take();
    try {
      return pass.lossAndGradient(weights, shard.tokens, shard.targets, scale, shard.gradient);
    } finally {
      idle.add(pass);
    }
  }

  @Override
  public void close() {
    workers.shutdown();
  }
}
