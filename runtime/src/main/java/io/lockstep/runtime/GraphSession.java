package io.lockstep.runtime;

import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs a model; one thread at a time. Plans for recently seen input shapes are kept, so that
 * binding such shapes again costs a look-up.
 */
public interface GraphSession extends AutoCloseable {

  /**
   * Plans a run for these input shapes, in the signature's order. Whatever an earlier binding of
   * this session gave out is invalid from here on.
   *
   * @throws io.lockstep.runtime.error.InvalidInputException when the shapes do not fit the model
   */
  Binding bind(List<Shape> inputShapes);

  /** Native bytes that this session holds for activations. */
  long memoryBytes();

  /** How well the plans that are kept serve; any thread may ask. */
  PlanUse planUse();

  @Override
  void close();

  /**
   * The plans of a session.
   *
   * @param plans kept now
   * @param hits bindings that found their plan
   * @param misses bindings that had to make one
   */
  record PlanUse(int plans, long hits, long misses) {

    public static final PlanUse NONE = new PlanUse(0, 0, 0);

    public PlanUse plus(PlanUse other) {
      return new PlanUse(plans + other.plans, hits + other.hits, misses + other.misses);
    }
  }

  /** A planned run: write the inputs, run, read the outputs. */
  interface Binding {

    /** The memory of an input, uninitialised; written before each run. */
    Tensor input(int index);

    /**
     * Runs the plan.
     *
     * @param items how many items the batch axis holds
     * @param lengths [items] the valid length of each item, or null when none is padded
     */
    void run(int items, int @Nullable [] lengths);

    /** An output of the last run; valid until the next run or binding of the session. */
    Tensor output(int index);
  }
}
