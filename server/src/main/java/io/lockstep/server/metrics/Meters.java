package io.lockstep.server.metrics;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Every meter of the server: what kind it is, its name, unit and labels, and the sentence that a
 * scrape prints above it. Prometheus writes dots as underscores and adds {@code _seconds}, {@code
 * _bytes} or {@code _total}; {@link #prometheusName} is the name that dashboards use. The JVM's own
 * meters come from Micrometer's binders and keep their names.
 */
@SuppressWarnings("ImmutableEnumChecker") // the list of labels is an immutable copy
enum Meters {
  REQUESTS(
      Kind.COUNTER,
      "lockstep.requests",
      "Requests answered, by outcome: success or an error code in lower case.",
      Label.MODEL,
      Label.VERSION,
      Label.PROTOCOL,
      Label.OUTCOME),
  REQUEST_DURATION(
      Kind.TIMER,
      "lockstep.request.duration",
      "Time from a request's arrival to the last byte of its answer.",
      Label.MODEL,
      Label.VERSION,
      Label.PROTOCOL,
      Label.OUTCOME),
  REQUEST_PHASE(
      Kind.TIMER,
      "lockstep.request.phase",
      "Time that a successful request spent in each phase.",
      Label.MODEL,
      Label.VERSION,
      Label.PROTOCOL,
      Label.PHASE),
  REJECTIONS(
      Kind.COUNTER,
      "lockstep.rejections",
      "Requests refused before they could run: queue_full, too_many_requests, draining, "
          + "too_many_sequences, unknown_sequence.",
      Label.MODEL,
      Label.VERSION,
      Label.REASON),
  CANCELLATIONS(
      Kind.COUNTER,
      "lockstep.cancellations",
      "Requests that left the queue or a run because their client had left.",
      Label.MODEL,
      Label.VERSION),
  EXPIRATIONS(
      Kind.COUNTER,
      "lockstep.expirations",
      "Requests whose deadline passed after they were admitted.",
      Label.MODEL,
      Label.VERSION),
  FAULTS(
      Kind.COUNTER,
      "lockstep.run.faults",
      "Runs that failed for a reason that is not a request's fault.",
      Label.MODEL,
      Label.VERSION),
  BATCH_ROWS(Kind.SUMMARY, "lockstep.batch.rows", "Rows of each run.", Label.MODEL, Label.VERSION),
  BATCH_REQUESTS(
      Kind.SUMMARY,
      "lockstep.batch.requests",
      "Requests, or parts of them, that shared a run.",
      Label.MODEL,
      Label.VERSION),
  BATCH_DURATION(
      Kind.TIMER,
      "lockstep.batch.duration",
      "Time of each run: gathering rows, computing, copying rows out.",
      Label.MODEL,
      Label.VERSION),
  BATCH_CLOSES(
      Kind.COUNTER,
      "lockstep.batch.closes",
      "Batches by what closed them: full, delay, idle, deadline, drain.",
      Label.MODEL,
      Label.VERSION,
      Label.REASON),
  VALID_ELEMENTS(
      Kind.COUNTER,
      "lockstep.batch.valid.elements",
      "Positions along the length axis that carried a request's own values.",
      Label.MODEL,
      Label.VERSION),
  PADDING_ELEMENTS(
      Kind.COUNTER,
      "lockstep.batch.padding.elements",
      "Positions along the length axis that were computed for nothing.",
      Label.MODEL,
      Label.VERSION),
  QUEUE_ROWS(Kind.GAUGE, "lockstep.queue.rows", "Rows waiting.", Label.MODEL, Label.VERSION),
  QUEUE_REQUESTS(
      Kind.GAUGE, "lockstep.queue.requests", "Requests waiting.", Label.MODEL, Label.VERSION),
  QUEUE_CAPACITY(
      Kind.GAUGE,
      "lockstep.queue.capacity.rows",
      "Rows that may wait, beyond which requests are refused.",
      Label.MODEL,
      Label.VERSION),
  MODEL_READY(
      Kind.GAUGE,
      "lockstep.model.ready",
      "1 for every version that takes requests.",
      Label.MODEL,
      Label.VERSION),
  SEQUENCES_LIVE(
      Kind.GAUGE,
      "lockstep.sequences.live",
      "Sequences whose state the version holds.",
      Label.MODEL,
      Label.VERSION),
  SEQUENCES_STARTED(
      Kind.COUNTER,
      "lockstep.sequences.started",
      "Sequences whose first step was answered.",
      Label.MODEL,
      Label.VERSION),
  SEQUENCES_ENDED(
      Kind.COUNTER,
      "lockstep.sequences.ended",
      "Sequences whose last step was answered.",
      Label.MODEL,
      Label.VERSION),
  SEQUENCES_EXPIRED(
      Kind.COUNTER,
      "lockstep.sequences.expired",
      "Sequences that were forgotten because they were silent for too long.",
      Label.MODEL,
      Label.VERSION),
  MODEL_MEMORY(
      Kind.GAUGE,
      "lockstep.model.memory",
      Unit.BYTES,
      "Native memory of a version: weights, mapped (files), activations, sequences (states).",
      Label.MODEL,
      Label.VERSION,
      Label.KIND),
  PLANS(
      Kind.GAUGE,
      "lockstep.plan.cache.plans",
      "Plans kept, each for the input shapes of one kind of run, over all instances.",
      Label.MODEL,
      Label.VERSION),
  PLAN_LOOKUPS(
      Kind.COUNTER,
      "lockstep.plan.cache.lookups",
      "Runs by whether their plan was kept (hit) or had to be made (miss).",
      Label.MODEL,
      Label.VERSION,
      Label.RESULT),
  RESIDENT_MEMORY(
      Kind.GAUGE,
      "process.resident.memory",
      Unit.BYTES,
      "Memory that the process takes of the machine, mapped files included."),
  COMPILATION(
      Kind.COUNTER,
      "jvm.compilation.time",
      Unit.SECONDS,
      "Time that the just-in-time compiler worked, all its threads together."),
  COMPUTE_THREADS(
      Kind.GAUGE, "lockstep.compute.threads", "Threads that compute, over all models together."),
  COMPUTE_BUSY(
      Kind.COUNTER,
      "lockstep.compute.busy",
      Unit.SECONDS,
      "Time that threads spent computing, all threads together."),
  TIME_TO_FIRST_TOKEN(
      Kind.TIMER,
      "lockstep.generation.time.to.first.token",
      "Time from a request's arrival to its first token.",
      Label.MODEL,
      Label.VERSION),
  INTER_TOKEN(
      Kind.TIMER,
      "lockstep.generation.inter.token",
      "Time between a token and the one before it.",
      Label.MODEL,
      Label.VERSION),
  GENERATION_DURATION(
      Kind.TIMER,
      "lockstep.generation.duration",
      "Time from a request's arrival to its last token.",
      Label.MODEL,
      Label.VERSION,
      Label.REASON),
  PROMPT_TOKENS(
      Kind.COUNTER,
      "lockstep.generation.prompt.tokens",
      "Tokens of prompts, those found in the cache included.",
      Label.MODEL,
      Label.VERSION),
  GENERATED_TOKENS(
      Kind.COUNTER, "lockstep.generation.tokens", "Tokens generated.", Label.MODEL, Label.VERSION),
  STEP_TOKENS(
      Kind.SUMMARY,
      "lockstep.generation.step.tokens",
      "Tokens that one step of the batcher computed, of prompts and answers together.",
      Label.MODEL,
      Label.VERSION),
  STEP_SEQUENCES(
      Kind.SUMMARY,
      "lockstep.generation.step.sequences",
      "Sequences that took part in one step of the batcher.",
      Label.MODEL,
      Label.VERSION),
  PREEMPTIONS(
      Kind.COUNTER,
      "lockstep.generation.preemptions",
      "Sequences that gave their blocks up to others and are computed again.",
      Label.MODEL,
      Label.VERSION),
  PREFIX_QUERIES(
      Kind.COUNTER,
      "lockstep.generation.prefix.query.tokens",
      "Tokens of prompts that were looked for in the cache.",
      Label.MODEL,
      Label.VERSION),
  PREFIX_HITS(
      Kind.COUNTER,
      "lockstep.generation.prefix.hit.tokens",
      "Tokens of prompts that were found in the cache.",
      Label.MODEL,
      Label.VERSION),
  SEQUENCES_RUNNING(
      Kind.GAUGE,
      "lockstep.generation.sequences.running",
      "Sequences being generated.",
      Label.MODEL,
      Label.VERSION),
  SEQUENCES_WAITING(
      Kind.GAUGE,
      "lockstep.generation.sequences.waiting",
      "Sequences that wait for their first step, or for blocks.",
      Label.MODEL,
      Label.VERSION),
  KV_BLOCKS_USED(
      Kind.GAUGE,
      "lockstep.kv.blocks.used",
      "Blocks of the key-value cache that hold sequences.",
      Label.MODEL,
      Label.VERSION),
  KV_BLOCKS(
      Kind.GAUGE,
      "lockstep.kv.blocks",
      "Blocks of the key-value cache.",
      Label.MODEL,
      Label.VERSION);

  /** What is recorded and how Prometheus sees it. */
  enum Kind {
    /** Only ever grows. */
    COUNTER,
    /** A number of the moment. */
    GAUGE,
    /** A histogram of durations. */
    TIMER,
    /** A histogram of counts. */
    SUMMARY
  }

  /** Base units; a number without one is a count. */
  enum Unit {
    NONE,
    SECONDS,
    BYTES;

    /** As Micrometer takes it; null for counts. */
    @Nullable String label() {
      return this == NONE ? null : name().toLowerCase(Locale.ROOT);
    }
  }

  /** The keys of labels. */
  static final class Label {
    static final String MODEL = "model";
    static final String VERSION = "version";
    static final String PROTOCOL = "protocol";
    static final String OUTCOME = "outcome";
    static final String PHASE = "phase";
    static final String REASON = "reason";
    static final String KIND = "kind";
    static final String RESULT = "result";

    private Label() {}
  }

  private final Kind kind;
  private final String dotted;
  private final Unit unit;
  private final String help;
  private final List<String> labels;

  Meters(Kind kind, String dotted, String help, String... labels) {
    this(kind, dotted, kind == Kind.TIMER ? Unit.SECONDS : Unit.NONE, help, labels);
  }

  Meters(Kind kind, String dotted, Unit unit, String help, String... labels) {
    this.kind = kind;
    this.dotted = dotted;
    this.unit = unit;
    this.help = help;
    this.labels = List.of(labels);
  }

  Kind kind() {
    return kind;
  }

  /** The name as Micrometer takes it, without unit and kind. */
  String dotted() {
    return dotted;
  }

  Unit unit() {
    return unit;
  }

  String help() {
    return help;
  }

  List<String> labels() {
    return labels;
  }

  /** The name that Prometheus shows; histograms add {@code _bucket}, {@code _count} and so on. */
  String prometheusName() {
    String name = dotted.replace('.', '_') + (unit == Unit.NONE ? "" : "_" + unit.label());
    return kind == Kind.COUNTER ? name + "_total" : name;
  }

  /** The names of all series that this meter has in a scrape. */
  List<String> seriesNames() {
    String name = prometheusName();
    return switch (kind) {
      case COUNTER, GAUGE -> List.of(name);
      case TIMER, SUMMARY ->
          List.of(name + "_bucket", name + "_count", name + "_sum", name + "_max");
    };
  }
}
