package io.lockstep.runtime.plan;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.KernelSet;

/**
 * What all sessions of a model share.
 *
 * @param maxCachedPlans how many input shapes a session keeps plans for
 * @param maxTensorBytes no single value may be larger
 */
public record PlanSettings(
    KernelSet kernels,
    ComputePool pool,
    ModelWeights weights,
    int maxCachedPlans,
    long maxTensorBytes) {}
