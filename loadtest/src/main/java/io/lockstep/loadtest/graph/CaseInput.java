package io.lockstep.loadtest.graph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * One input of a graph.
 *
 * @param dims its shape; empty for a scalar
 */
record CaseInput(String name, Values values, List<Long> dims) {

  /** What an input is filled with. */
  enum Values {
    /** Floats between -0.5 and 0.5. */
    FLOATS(Float.BYTES),
    /** Bytes without a sign. */
    BYTES(1),
    /** Numbers of words in a vocabulary of 20,000 and more, 64 bits. */
    TOKENS(Long.BYTES),
    /** 64-bit ones, as in a mask that hides nothing. */
    ONES(Long.BYTES),
    /** 64-bit zeros. */
    ZEROS(Long.BYTES),
    /** Samples a second of speech, 64 bits. */
    SAMPLE_RATE(Long.BYTES);

    private final int bytes;

    Values(int bytes) {
      this.bytes = bytes;
    }
  }

  static CaseInput floats(String name, long... dims) {
    return of(name, Values.FLOATS, dims);
  }

  static CaseInput of(String name, Values values, long... dims) {
    return new CaseInput(name, values, Arrays.stream(dims).boxed().toList());
  }

  long[] shape() {
    return dims.stream().mapToLong(Long::longValue).toArray();
  }

  /** The extent of the first axis; 1 for a scalar. */
  int batch() {
    return dims.isEmpty() ? 1 : Math.toIntExact(dims.getFirst());
  }

  /** The same with another extent of the first axis, which it has. */
  CaseInput withBatch(long batch) {
    List<Long> resized = new ArrayList<>(dims);
    resized.set(0, batch);
    return new CaseInput(name, values, resized);
  }

  /** What {@link #contents} has for one index of the first axis. */
  ByteBuffer item(long seed, int index) {
    ByteBuffer all = contents(seed);
    int bytes = all.capacity() / batch();
    return all.slice(index * bytes, bytes).order(all.order());
  }

  /** The contents, the same for equal seeds: little-endian, off the heap. */
  ByteBuffer contents(long seed) {
    int count = Math.toIntExact(dims.stream().reduce(1L, Math::multiplyExact));
    ByteBuffer all =
        ByteBuffer.allocateDirect(Math.multiplyExact(count, values.bytes))
            .order(ByteOrder.nativeOrder());
    Random random = new Random(seed);
    for (int i = 0; i < count; i++) {
      switch (values) {
        case FLOATS -> all.putFloat(random.nextFloat() - 0.5f);
        case BYTES -> all.put((byte) random.nextInt());
        case TOKENS -> all.putLong(1000L + random.nextInt(20_000));
        case ONES -> all.putLong(1);
        case ZEROS -> all.putLong(0);
        case SAMPLE_RATE -> all.putLong(16_000);
      }
    }
    return all.flip();
  }
}
