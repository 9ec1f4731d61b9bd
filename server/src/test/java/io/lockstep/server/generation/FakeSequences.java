package io.lockstep.server.generation;

import io.lockstep.runtime.sampling.Sampler;
import io.lockstep.runtime.sampling.SamplingBuffers;
import io.lockstep.runtime.sampling.SamplingSettings;
import io.lockstep.server.serving.Deadline;
import io.lockstep.server.serving.GenerationSettings;
import io.lockstep.server.serving.Tenant;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/** Sequences of a vocabulary whose token n is the character 'a' + n; the last token ends a text. */
final class FakeSequences {

  static final int VOCABULARY = 26;

  private final BitSet ends = new BitSet();
  private final SamplingBuffers buffers = new SamplingBuffers(VOCABULARY);

  FakeSequences() {
    ends.set(VOCABULARY - 1);
  }

  BitSet ends() {
    return ends;
  }

  /** What a request of a test says. */
  record Wish(List<Integer> prompt, GenerationSettings settings, Tenant tenant, Deadline deadline) {

    Wish(List<Integer> prompt, GenerationSettings settings) {
      this(prompt, settings, Tenant.ANONYMOUS, Deadline.NONE);
    }
  }

  /** Greedy, ended by nothing but its length. */
  static GenerationSettings exactly(int tokens) {
    return new GenerationSettings(
        SamplingSettings.GREEDY, tokens, 0, List.of(), List.of(), true, -1, null);
  }

  /** A prompt of {@code length} tokens that no other number begins. */
  static List<Integer> prompt(int number, int length) {
    return IntStream.range(0, length).map(i -> (number * 7 + i * i + i / 5) % 25).boxed().toList();
  }

  Sequence sequence(Wish wish, SequenceOutput output, long arrivalNanos) {
    return new Sequence(
        new Sequence.Job(
            wish.prompt(),
            wish.settings(),
            wish.prompt().size() + wish.settings().maxTokens(),
            new Sampler(wish.settings().sampling(), ends, buffers),
            null,
            new Letters(),
            wish.tenant(),
            wish.deadline(),
            arrivalNanos,
            output),
        null);
  }

  private static final class Letters implements TokenText {
    @Override
    public String add(int id) {
      return Character.toString('a' + id);
    }

    @Override
    public String finish() {
      return "";
    }
  }
}
