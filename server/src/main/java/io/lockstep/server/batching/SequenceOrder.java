package io.lockstep.server.batching;

import io.lockstep.server.serving.SequenceControl;
import io.lockstep.server.serving.SequenceId;
import io.lockstep.server.serving.ServingException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decides which step of each sequence may run next, and when a sequence is forgotten; owns no
 * thread and no clock.
 */
public final class SequenceOrder<W extends SequenceOrder.Step> {
  /*
   * Every sequence has a line of steps in the order of their arrival. The first of a line is let
   * out, into the queue of all work, and nobody behind it until it is done: so two steps of a
   * sequence never share a run, and a step reads what the one before it left. What a step means is
   * looked at when it is let out, not when it arrives, since steps before it may end the sequence,
   * or fail to.
   *
   * A step that was not answered has not happened: the sequence is what it was, or is not there if
   * it was to start with that step.
   */

  /** Longest that a client is ever told to stay away. */
  private static final int MAX_RETRY_AFTER_SECONDS = 60;

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** Work that belongs to a sequence. */
  public interface Step extends Queued {
    SequenceControl sequence();
  }

  /** Told of what becomes of steps and sequences; must not call back but through {@link #done}. */
  public interface Listener<W> {

    /** A step may run now. */
    void ready(W step);

    /** A step cannot be part of any sequence; {@code isLimit} when there are too many. */
    void refused(W step, ServingException problem, boolean isLimit);

    /** A step expired or was cancelled before it was let out. */
    void departed(W step);

    /** A sequence was started and its first step answered. */
    void started(SequenceId id);

    /** A sequence is over and its state not needed any more. */
    void ended(SequenceId id, End why);
  }

  /** Why a sequence is over. */
  public enum End {
    /** Its last step was answered. */
    ENDED,
    /** It was silent for too long. */
    EXPIRED,
    /** Its first step failed. */
    NOT_STARTED,
    /** The model is unloaded. */
    UNLOADED
  }

  private static final class Line<W> {
    private final SequenceId id;
    private final Deque<W> waiting = new ArrayDeque<>();
    private @Nullable W current;
    private boolean holdsRoom; // there is a sequence, or one is about to start
    private boolean started;
    private long idleSinceNanos;

    Line(SequenceId id) {
      this.id = id;
    }
  }

  private final long idleTimeoutNanos;
  private final SequenceRoom live;
  private final Listener<W> listener;
  private final Map<SequenceId, Line<W>> lines = new HashMap<>();
  private final Map<SequenceId, Line<W>> idle = new LinkedHashMap<>(); // longest first
  private int parked;

  /**
   * No sequences yet.
   *
   * @param live shared with the other instances of the version
   */
  public SequenceOrder(Duration idleTimeout, SequenceRoom live, Listener<W> listener) {
    this.idleTimeoutNanos = idleTimeout.toNanos();
    this.live = live;
    this.listener = listener;
  }

  /** A step arrived. */
  public void add(W step, long nowNanos) {
    expire(nowNanos);
    Line<W> line = lines.computeIfAbsent(step.sequence().id(), Line::new);
    idle.remove(line.id);
    line.waiting.add(step);
    parked++;
    if (line.current == null) {
      advance(line, nowNanos);
    }
  }

  /**
   * A step that was let out is over; any other step means nothing here.
   *
   * @param happened whether it was answered
   */
  @SuppressWarnings("ReferenceEquality") // that very step is meant, not one like it
  public void done(W step, boolean happened, long nowNanos) {
    Line<W> line = lines.get(step.sequence().id());
    if (line == null || line.current != step) {
      return;
    }
    line.current = null;
    if (happened && !line.started) {
      line.started = true;
      listener.started(line.id);
    }
    if (!line.started) {
      end(line, End.NOT_STARTED);
    } else if (happened && step.sequence().end()) {
      end(line, End.ENDED);
    }
    advance(line, nowNanos);
  }

  /** Time has passed: forgets sequences that were silent, and steps that nobody waits for. */
  public void tick(long nowNanos) {
    expire(nowNanos);
    if (parked == 0) {
      return;
    }
    for (Line<W> line : List.copyOf(lines.values())) {
      List<W> leaving = new ArrayList<>();
      line.waiting.removeIf(step -> isDeparted(step, nowNanos) && leaving.add(step));
      parked -= leaving.size();
      leaving.forEach(listener::departed);
    }
  }

  /** How long until a sequence will be forgotten if nothing comes. */
  public long nanosUntilDue(long nowNanos) {
    Iterator<Line<W>> longest = idle.values().iterator();
    return longest.hasNext()
        ? Math.max(0, longest.next().idleSinceNanos + idleTimeoutNanos - nowNanos)
        : Long.MAX_VALUE;
  }

  /** Steps that wait for one before them. */
  public int parked() {
    return parked;
  }

  /** Ends all sequences; the steps that waited for one before them, those let out excluded. */
  public List<W> clear() {
    List<W> waiting = new ArrayList<>();
    for (Line<W> line : List.copyOf(lines.values())) {
      waiting.addAll(line.waiting);
      line.waiting.clear();
      end(line, End.UNLOADED);
    }
    lines.clear();
    idle.clear();
    parked = 0;
    return waiting;
  }

  /** Lets the next step of a line out, if there is one. */
  private void advance(Line<W> line, long nowNanos) {
    while (line.current == null && !line.waiting.isEmpty()) {
      W step = line.waiting.remove();
      parked--;
      if (isDeparted(step, nowNanos)) {
        listener.departed(step);
      } else if (!line.holdsRoom && !step.sequence().start()) {
        listener.refused(step, unknown(line.id), false);
      } else if (!line.holdsRoom && !live.tryAdd(line.id)) {
        listener.refused(step, tooMany(nowNanos), true);
      } else {
        line.holdsRoom = true;
        line.current = step;
        listener.ready(step);
      }
    }
    if (line.current != null) {
      return;
    }
    if (line.holdsRoom) {
      line.idleSinceNanos = nowNanos;
      idle.put(line.id, line);
    } else {
      lines.remove(line.id);
    }
  }

  private void expire(long nowNanos) {
    while (!idle.isEmpty() && nanosUntilDue(nowNanos) == 0) {
      Line<W> silent = Objects.requireNonNull(idle.values().iterator().next());
      idle.remove(silent.id);
      lines.remove(silent.id);
      end(silent, End.EXPIRED);
    }
  }

  private void end(Line<W> line, End why) {
    if (line.holdsRoom) {
      line.holdsRoom = false;
      line.started = false;
      listener.ended(line.id, why);
      live.remove(line.id);
    }
  }

  private static boolean isDeparted(Step step, long nowNanos) {
    return step.isCancelled() || step.deadline().hasPassed(nowNanos);
  }

  private ServingException unknown(SequenceId id) {
    return ServingException.invalid(
        "sequence %s is not known: it was never started, has ended, or was silent for %s; begin it with sequence_start"
            .formatted(id, text(idleTimeoutNanos)));
  }

  private ServingException tooMany(long nowNanos) {
    long until = idle.isEmpty() ? 0 : nanosUntilDue(nowNanos) / NANOS_PER_SECOND;
    return ServingException.overloaded(
        "the model has %d sequences, which is the most it may have".formatted(live.max()),
        (int) Math.min(MAX_RETRY_AFTER_SECONDS, 1 + until));
  }

  private static String text(long nanos) {
    return nanos % NANOS_PER_SECOND == 0
        ? nanos / NANOS_PER_SECOND + " s"
        : nanos / 1_000_000 + " ms";
  }
}
