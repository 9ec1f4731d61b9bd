package io.lockstep.server.serving;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One inference as a client asked for it, already parsed. Made with {@link #builder}; immutable but
 * for its memory, which the service takes over on submission.
 */
public final class InferRequest {

  /** The level of requests that name none: 1 is the most urgent, larger numbers yield. */
  public static final int DEFAULT_PRIORITY = 100;

  private final String model;
  private final @Nullable String version;
  private final List<NamedTensor> inputs;
  private final List<String> outputs;
  private final TensorMemory memory;
  private final int priority;
  private final Deadline deadline;
  private final @Nullable SequenceControl sequence;
  private final PhaseClock clock;

  private InferRequest(Builder builder) {
    this.model = builder.model;
    this.version = builder.version;
    this.inputs = List.copyOf(builder.inputs);
    this.outputs = List.copyOf(builder.outputs);
    this.memory = builder.memory;
    this.priority = builder.priority;
    this.deadline = builder.deadline;
    this.sequence = builder.sequence;
    this.clock = builder.clock;
  }

  /**
   * A request for {@code model}.
   *
   * @param memory owns the tensors of the inputs
   * @param clock started when the request arrived
   */
  public static Builder builder(String model, TensorMemory memory, PhaseClock clock) {
    return new Builder(model, memory, clock);
  }

  public String model() {
    return model;
  }

  /** The version asked for, or null for the one that the model's policy prefers. */
  public @Nullable String version() {
    return version;
  }

  /** In the client's order; names are not checked yet. */
  public List<NamedTensor> inputs() {
    return inputs;
  }

  /** The outputs wanted, in the order wanted; empty for all in the signature's order. */
  public List<String> outputs() {
    return outputs;
  }

  public TensorMemory memory() {
    return memory;
  }

  /** Lower numbers go first; at least 1. */
  public int priority() {
    return priority;
  }

  public Deadline deadline() {
    return deadline;
  }

  /** The sequence that this is a step of, or null for a request on its own. */
  public @Nullable SequenceControl sequence() {
    return sequence;
  }

  public PhaseClock clock() {
    return clock;
  }

  /** Collects the parts of a request. */
  public static final class Builder {

    private final String model;
    private final TensorMemory memory;
    private final PhaseClock clock;
    private @Nullable String version;
    private List<NamedTensor> inputs = List.of();
    private List<String> outputs = List.of();
    private int priority = DEFAULT_PRIORITY;
    private Deadline deadline = Deadline.NONE;
    private @Nullable SequenceControl sequence;

    private Builder(String model, TensorMemory memory, PhaseClock clock) {
      this.model = model;
      this.memory = memory;
      this.clock = clock;
    }

    public Builder version(@Nullable String wanted) {
      version = wanted;
      return this;
    }

    public Builder inputs(List<NamedTensor> tensors) {
      inputs = tensors;
      return this;
    }

    /** The names of the outputs wanted; empty for all. */
    public Builder outputs(List<String> names) {
      outputs = names;
      return this;
    }

    /** The protocol's priority: 1 the most urgent, 0 the default level. */
    public Builder priority(int level) {
      if (level < 0) {
        throw ServingException.invalid("priority must be >= 0 but is " + level);
      }
      priority = level == 0 ? DEFAULT_PRIORITY : level;
      return this;
    }

    public Builder deadline(Deadline latest) {
      deadline = latest;
      return this;
    }

    /** The sequence that the request is a step of; null for none. */
    public Builder sequence(@Nullable SequenceControl step) {
      sequence = step;
      return this;
    }

    public InferRequest build() {
      return new InferRequest(this);
    }
  }
}
