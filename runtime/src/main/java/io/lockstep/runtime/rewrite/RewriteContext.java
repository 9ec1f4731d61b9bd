package io.lockstep.runtime.rewrite;

import io.lockstep.runtime.graph.NodeEvaluator;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.function.Function;

/**
 * What passes may use.
 *
 * @param evaluator computes constants
 * @param allocate makes tensors that live as long as the model
 * @param maxTensorBytes no constant may be larger
 */
public record RewriteContext(
    NodeEvaluator evaluator, Function<TensorType, Tensor> allocate, long maxTensorBytes) {}
