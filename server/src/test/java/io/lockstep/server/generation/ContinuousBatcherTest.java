package io.lockstep.server.generation;

import static io.lockstep.server.generation.FakeSequences.exactly;
import static io.lockstep.server.generation.FakeSequences.prompt;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.sampling.SamplingSettings;
import io.lockstep.server.fakes.FakeTicker;
import io.lockstep.server.generation.FakeSequences.Wish;
import io.lockstep.server.serving.Deadline;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.FinishReason;
import io.lockstep.server.serving.GenerationLimits;
import io.lockstep.server.serving.GenerationSettings;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.Tenant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ContinuousBatcherTest {

  private final FakeTicker ticker = new FakeTicker();
  private final FakeObserver observer = new FakeObserver();
  private final FakeSequences sequences = new FakeSequences();
  private FakeEngine engine = new FakeEngine(FakeSequences.VOCABULARY, 64);
  private ContinuousBatcher batcher = batcher(8, 32);

  private ContinuousBatcher batcher(int maxSequences, int stepTokens) {
    return new ContinuousBatcher(
        engine,
        new GenerationLimits(maxSequences, stepTokens, 0),
        sequences.ends(),
        observer,
        ticker);
  }

  private FakeOutput add(Wish wish) {
    FakeOutput output = new FakeOutput();
    batcher.add(sequences.sequence(wish, output, ticker.nanos()));
    return output;
  }

  private FakeOutput add(int number, int length, int tokens) {
    return add(new Wish(prompt(number, length), exactly(tokens)));
  }

  private void runToTheEnd() {
    while (batcher.step() > 0) {
      ticker.advance(Duration.ofMillis(1));
    }
    assertEquals(64, engine.blocks().capacity());
    assertEquals(engine.blocks().capacity(), engine.blocks().available());
  }

  @Test
  void aLongPromptStallsNobody() {
    FakeOutput running = add(1, 5, 200);
    batcher.step();
    FakeOutput large = add(2, 600, 1);
    FakeOutput small = add(3, 10, 1);
    int before = running.text.length();
    batcher.step();
    assertTrue(small.isOver(), "a short prompt has its first token at once");
    int steps = 1;
    while (!large.isOver()) {
      batcher.step();
      steps++;
    }
    assertEquals(before + steps, running.text.length(), "a token in every step");
    assertEquals(32, engine.largestStep());
    assertTrue(steps < 25, "the long prompt gets what is left");
  }

  @Test
  void underAPromptOf2000TokensOthersHaveTheirFirstTokenWithinTwoSteps() {
    engine = new FakeEngine(FakeSequences.VOCABULARY, 200);
    batcher = batcher(8, 64);
    FakeOutput running = add(1, 5, 300);
    batcher.step();
    final FakeOutput large = add(2, 2000, 1);
    int steps = 0;
    int visitors = 0;
    while (!large.isOver()) {
      FakeOutput visitor = add(3 + visitors, 1 + visitors % 30, 1);
      int before = steps;
      while (!visitor.isOver()) {
        batcher.step();
        steps++;
      }
      assertTrue(steps - before <= 2, "visitor " + visitors + " waited " + (steps - before));
      visitors++;
    }
    assertTrue(visitors > 20, visitors + " visitors");
    assertEquals(1 + steps, running.text.length(), "a token in every step");
  }

  @Test
  void equalBeginningsAreComputedOnce() {
    FakeOutput first = add(1, 100, 4);
    runToTheEnd();
    FakeOutput second = add(1, 100, 4);
    runToTheEnd();
    assertEquals(first.text.toString(), second.text.toString());
    assertEquals(0, first.cachedTokens);
    assertEquals(96, second.cachedTokens);
  }

  @Test
  void textsOfOneRequestShareTheirPrompt() {
    Wish wish = new Wish(prompt(4, 100), exactly(3));
    FakeOutput first = new FakeOutput();
    FakeOutput second = new FakeOutput();
    Sequence leader = sequences.sequence(wish, first, 0);
    batcher.add(leader);
    batcher.add(new Sequence(withOutput(sequences.sequence(wish, second, 0), second), leader));
    runToTheEnd();
    assertEquals(96, second.cachedTokens);
    assertEquals(first.text.toString(), second.text.toString());
  }

  private static Sequence.Job withOutput(Sequence sequence, SequenceOutput output) {
    Sequence.Job job = sequence.job;
    return new Sequence.Job(
        job.prompt(),
        job.settings(),
        job.maxLength(),
        job.sampler(),
        job.grammar(),
        job.text(),
        job.tenant(),
        job.deadline(),
        job.arrivalNanos(),
        output);
  }

  @Test
  void aClientThatLeftFreesItsBlocksBeforeTheNextToken() {
    FakeOutput output = add(1, 40, 100);
    batcher.step();
    batcher.step();
    assertTrue(engine.blocks().available() < 64);
    output.isCancelled = true;
    FakeOutput waiting = add(2, 10, 5);
    waiting.isCancelled = true;
    int tokens = observer.tokens;
    assertEquals(0, batcher.step());
    assertEquals(tokens, observer.tokens);
    assertEquals(64, engine.blocks().available());
    assertEquals(ErrorCode.CANCELLED, problem(output).code());
    assertEquals(List.of("cancelled", "cancelled"), observer.ends);
  }

  private static ServingException problem(FakeOutput output) {
    assertNotNull(output.problem);
    return output.problem;
  }

  @Test
  void aTextThatIsLateFails() {
    Deadline deadline = Deadline.after(Duration.ofMillis(5), ticker.nanos());
    FakeOutput output = add(new Wish(prompt(1, 4), exactly(500), Tenant.ANONYMOUS, deadline));
    runToTheEnd();
    assertEquals(ErrorCode.DEADLINE_EXCEEDED, problem(output).code());
    assertEquals(5, output.text.length());
  }

  @Test
  void aSlowReaderPausesAloneAndGoesOn() {
    String lone = lone(new Wish(prompt(1, 8), exactly(30)));
    FakeOutput slow = add(1, 8, 30);
    FakeOutput quick = add(2, 8, 30);
    batcher.step();
    slow.hasRoom = false;
    runSteps(40);
    assertTrue(quick.isOver());
    assertEquals(1, slow.text.length());
    slow.hasRoom = true;
    runToTheEnd();
    assertEquals(lone, slow.text.toString());
  }

  private String lone(Wish wish) {
    FakeOutput output = add(wish);
    runToTheEnd();
    return output.text.toString();
  }

  private void runSteps(int steps) {
    for (int i = 0; i < steps; i++) {
      batcher.step();
    }
  }

  @Test
  void whenBlocksRunOutTheLastOneStartsAnewAndLosesNothing() {
    engine = new FakeEngine(FakeSequences.VOCABULARY, 64);
    batcher = batcher(8, 512);
    List<String> lone = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      lone.add(lone(new Wish(prompt(i, 200), exactly(200))));
    }
    List<FakeOutput> outputs = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      outputs.add(add(i, 200, 200));
    }
    runToTheEnd();
    assertTrue(observer.preemptions > 0);
    assertEquals(lone, outputs.stream().map(output -> output.text.toString()).toList());
  }

  @Test
  void tenantsThatAskForMuchLeaveOthersTheirShare() {
    batcher = batcher(1, 32);
    List<FakeOutput> many = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      many.add(add(new Wish(prompt(i, 16), exactly(16), new Tenant("greedy", 1), Deadline.NONE)));
    }
    batcher.step();
    FakeOutput modest =
        add(new Wish(prompt(11, 16), exactly(16), new Tenant("modest", 1), Deadline.NONE));
    while (!modest.isOver()) {
      batcher.step();
    }
    assertTrue(many.stream().filter(FakeOutput::isOver).count() <= 2);
    runToTheEnd();
    assertTrue(many.stream().allMatch(FakeOutput::isOver));
  }

  @Test
  void aTenantOfWeightThreeGetsThreeTimesAsMuch() {
    batcher = batcher(1, 32);
    List<FakeOutput> light = new ArrayList<>();
    List<FakeOutput> heavy = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      light.add(add(new Wish(prompt(i, 16), exactly(16), new Tenant("light", 1), Deadline.NONE)));
      heavy.add(add(new Wish(prompt(i, 16), exactly(16), new Tenant("heavy", 3), Deadline.NONE)));
    }
    while (heavy.stream().filter(FakeOutput::isOver).count() < 30) {
      batcher.step();
    }
    long lightOver = light.stream().filter(FakeOutput::isOver).count();
    assertTrue(lightOver >= 8 && lightOver <= 12, lightOver + " of the light one's texts");
    runToTheEnd();
  }

  @Test
  void textsEndAtEndsStopsAndLengths() {
    FakeOutput length = add(1, 4, 6);
    runToTheEnd();
    assertEquals(FinishReason.LENGTH, length.reason);
    assertEquals(6, length.text.length());
    String text = length.text.toString();

    FakeOutput stopped =
        add(new Wish(prompt(1, 4), settings(List.of(text.substring(2, 4)), List.of(), 0)));
    runToTheEnd();
    assertEquals(FinishReason.STOP, stopped.reason);
    assertEquals(text.substring(0, text.indexOf(text.substring(2, 4))), stopped.text.toString());
    assertEquals(4, stopped.generatedTokens);

    int third = text.charAt(2) - 'a';
    FakeOutput byId = add(new Wish(prompt(1, 4), settings(List.of(), List.of(third), 0)));
    runToTheEnd();
    assertEquals(FinishReason.STOP, byId.reason);
    assertEquals(text.substring(0, text.indexOf(text.charAt(2))), byId.text.toString());
  }

  @Test
  void aTextDoesNotEndBeforeItsLeastLength() {
    int ended = 0;
    for (int i = 0; i < 30; i++) {
      GenerationSettings atLeast20 =
          new GenerationSettings(
              SamplingSettings.GREEDY, 200, 20, List.of(), List.of(), false, -1, null);
      FakeOutput output = add(new Wish(prompt(i, 6), atLeast20));
      runToTheEnd();
      assertTrue(output.text.length() >= 20);
      ended += output.reason == FinishReason.END ? 1 : 0;
    }
    assertTrue(ended > 10, "the end is possible afterwards");
  }

  private static GenerationSettings settings(List<String> stops, List<Integer> ids, int minTokens) {
    return new GenerationSettings(
        SamplingSettings.GREEDY, 6, minTokens, stops, ids, true, -1, null);
  }

  @Test
  void logprobsComeWithEveryToken() {
    GenerationSettings asking =
        new GenerationSettings(SamplingSettings.GREEDY, 3, 0, List.of(), List.of(), true, 2, null);
    FakeOutput output = add(new Wish(prompt(1, 4), asking));
    runToTheEnd();
    assertEquals(3, output.tokens.size());
    assertEquals(2, output.tokens.getFirst().logprobs().top().size());
    assertEquals(
        output.tokens.getFirst().logprobs().chosen(),
        output.tokens.getFirst().logprobs().top().getFirst());
  }

  @Test
  void aStepThatFailsFailsItsSequencesAndNothingElse() {
    FakeOutput unlucky = add(1, 4, 10);
    engine.failOnce();
    batcher.step();
    assertEquals(ErrorCode.INTERNAL, problem(unlucky).code());
    assertEquals(1, observer.faults);
    FakeOutput next = add(1, 4, 10);
    runToTheEnd();
    assertEquals(10, next.text.length());
  }
}
