package io.lockstep.server.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.sampling.SamplingSettings;
import io.lockstep.runtime.sampling.SamplingSettings.Penalties;
import io.lockstep.server.fakes.FakeTicker;
import io.lockstep.server.fakes.Seeds;
import io.lockstep.server.generation.FakeSequences.Wish;
import io.lockstep.server.serving.Deadline;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.GenerationLimits;
import io.lockstep.server.serving.GenerationSettings;
import io.lockstep.server.serving.Tenant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Many texts at a time, with clients that come, go, stall and give up as chance has it. */
final class GenerationSimulationTest {

  private static final int STREAMS = 200;
  private static final int BLOCKS = 60;

  private final FakeSequences sequences = new FakeSequences();

  private record Stream(Wish wish, FakeOutput output) {}

  @Test
  void everyTextIsAsAloneAndNoBlockIsLost() {
    Map<Wish, String> lone = new HashMap<>();
    int[] totals = new int[3]; // finished, preemptions, tokens found in the cache
    Seeds.forAll(12, random -> simulate(random, lone, totals));
    assertTrue(totals[0] > 12 * STREAMS / 3, "enough texts finish");
    assertTrue(totals[1] > 0, "blocks run out");
    assertTrue(totals[2] > 0, "beginnings are shared");
  }

  private void simulate(Random random, Map<Wish, String> lone, int[] totals) {
    FakeTicker ticker = new FakeTicker();
    FakeEngine engine = new FakeEngine(FakeSequences.VOCABULARY, BLOCKS);
    FakeObserver observer = new FakeObserver();
    ContinuousBatcher batcher =
        new ContinuousBatcher(
            engine,
            new GenerationLimits(random.nextInt(1, 24), random.nextInt(8, 100), 0),
            sequences.ends(),
            observer,
            ticker);
    List<Stream> streams = new ArrayList<>();
    int calm = 0;
    while (streams.size() < STREAMS || !batcher.isEmpty()) {
      int arrivals = streams.size() < STREAMS ? random.nextInt(4) : 0;
      for (int i = 0; i < arrivals; i++) {
        Stream stream = new Stream(wish(random, ticker), new FakeOutput());
        streams.add(stream);
        batcher.add(sequences.sequence(stream.wish(), stream.output(), ticker.nanos()));
      }
      for (Stream stream : streams) {
        stream.output().isCancelled |= random.nextInt(600) == 0;
        stream.output().hasRoom = streams.size() < STREAMS ? random.nextInt(20) > 0 : true;
      }
      if (random.nextInt(400) == 0) {
        engine.failOnce();
      }
      calm = batcher.step() == 0 ? calm + 1 : 0;
      assertTrue(calm < 100, "something can always be done");
      ticker.advance(Duration.ofMillis(1));
    }
    assertEquals(BLOCKS, engine.blocks().available(), "blocks are back");
    assertEquals(streams.size(), observer.ends.size(), "every text ends once");
    for (Stream stream : streams) {
      check(stream, lone, totals);
    }
    totals[1] += observer.preemptions;
    totals[2] += observer.cachedTokens;
  }

  private void check(Stream stream, Map<Wish, String> lone, int[] totals) {
    Wish alone =
        new Wish(stream.wish().prompt(), stream.wish().settings(), Tenant.ANONYMOUS, Deadline.NONE);
    String expected = lone.computeIfAbsent(alone, this::lone);
    FakeOutput output = stream.output();
    if (output.problem == null) {
      assertEquals(expected, output.text.toString());
      totals[0]++;
    } else {
      assertTrue(expected.startsWith(output.text.toString()), "what came before the end is right");
      assertTrue(
          output.problem.code() == ErrorCode.DEADLINE_EXCEEDED
              || output.problem.code() == ErrorCode.INTERNAL
              || output.isCancelled);
    }
  }

  private String lone(Wish wish) {
    FakeEngine engine = new FakeEngine(FakeSequences.VOCABULARY, BLOCKS);
    ContinuousBatcher batcher =
        new ContinuousBatcher(
            engine,
            new GenerationLimits(1, 1000, 0),
            sequences.ends(),
            new FakeObserver(),
            new FakeTicker());
    FakeOutput output = new FakeOutput();
    batcher.add(sequences.sequence(wish, output, 0));
    while (batcher.step() > 0) {
      assertTrue(output.events < 1000);
    }
    return output.text.toString();
  }

  private static Wish wish(Random random, FakeTicker ticker) {
    // Few beginnings, so that prompts share blocks and then part.
    List<Integer> prompt =
        new ArrayList<>(FakeSequences.prompt(random.nextInt(5), random.nextInt(1, 120)));
    for (int i = random.nextInt(20); i > 0; i--) {
      prompt.add(random.nextInt(25));
    }
    SamplingSettings sampling =
        random.nextBoolean()
            ? SamplingSettings.GREEDY
            : new SamplingSettings(
                0.8,
                random.nextInt(10),
                0.9,
                0,
                1,
                new Penalties(1.2, random.nextInt(2), 0.1),
                Map.of(3, 1f),
                random.nextInt());
    GenerationSettings settings =
        new GenerationSettings(
            sampling,
            random.nextInt(1, 90),
            random.nextInt(10),
            random.nextInt(4) == 0 ? List.of("ab", "xyx", "q") : List.of(),
            List.of(),
            random.nextInt(4) > 0,
            -1,
            null);
    Deadline deadline =
        random.nextInt(10) == 0
            ? Deadline.after(Duration.ofMillis(random.nextInt(1, 300)), ticker.nanos())
            : Deadline.NONE;
    return new Wish(
        prompt,
        settings,
        new Tenant("tenant " + random.nextInt(3), random.nextInt(1, 4)),
        deadline);
  }
}
