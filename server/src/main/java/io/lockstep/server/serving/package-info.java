/**
 * The contract between the protocols, which parse and write, and the queues, which run models.
 *
 * <p>A handler opens a {@link io.lockstep.server.serving.TensorMemory}, parses the body into it,
 * builds an {@link io.lockstep.server.serving.InferRequest} and submits it to the {@link
 * io.lockstep.server.serving.InferenceService}; it waits for the {@link
 * io.lockstep.server.serving.InferResponse}, writes it and closes it. Everything that goes wrong is
 * a {@link io.lockstep.server.serving.ServingException} with one {@link
 * io.lockstep.server.serving.ErrorCode}.
 */
@NullMarked
package io.lockstep.server.serving;

import org.jspecify.annotations.NullMarked;
