package io.lockstep.loadtest.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.loadtest.graph.Engine.Kind;
import io.lockstep.loadtest.graph.TurnTimes.Spread;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TurnsTest {

  @Test
  void whoeverWasSecondBeginsTheNextPair() {
    assertEquals(
        List.of(
            Kind.LOCKSTEP,
            Kind.ONNX_RUNTIME,
            Kind.ONNX_RUNTIME,
            Kind.LOCKSTEP,
            Kind.LOCKSTEP,
            Kind.ONNX_RUNTIME),
        IntStream.range(0, 6).mapToObj(Turns::engine).toList());
  }

  @Test
  void shortRunsFillTheTimeWithTurnsOfEqualLength() {
    assertEquals(new Turns(30, 30, 20), Turns.filling(1.2, 1e3, 2e3));
  }

  @Test
  void runsLongerThanATurnAreFewerInTheSameTime() {
    assertEquals(new Turns(10, 10, 20), Turns.filling(2, 50e6, 150e6));
  }

  @Test
  void thereAreAlwaysEnoughPairsForASpread() {
    assertEquals(new Turns(2, 6, 20), Turns.filling(1, 1e9, 2e9));
  }

  @Test
  void turnsAreComparedWithinTheirPairs() {
    TurnTimes times = TurnTimes.of(List.of(10.0, 20.0, 60.0, 20.0, 10.0, 40.0));

    assertEquals(10, times.ours());
    assertEquals(40, times.theirs());
    assertEquals(new Spread(2.5, 3, 3.5), times.ratio());
  }

  @Test
  void quartilesLieBetweenNeighbours() {
    assertEquals(new Spread(1.75, 2.5, 3.25), Spread.of(List.of(4.0, 1.0, 3.0, 2.0)));
    assertEquals(new Spread(7, 7, 7), Spread.of(List.of(7.0)));
  }
}
