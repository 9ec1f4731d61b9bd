package io.lockstep.loadtest.graph;

import io.lockstep.runtime.RuntimeOptions.KernelChoice;

/**
 * How engines run.
 *
 * @param threads of one run
 * @param kernels of Lockstep
 */
record EngineOptions(int threads, KernelChoice kernels) {}
