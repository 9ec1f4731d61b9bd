package io.lockstep.server.serving;

import io.lockstep.runtime.tensor.Tensor;

/** A tensor under the name that the model's signature or the client gives it. */
public record NamedTensor(String name, Tensor tensor) {}
