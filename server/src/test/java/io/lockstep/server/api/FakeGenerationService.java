package io.lockstep.server.api;

import io.lockstep.server.serving.GenerationCall;
import io.lockstep.server.serving.GenerationRequest;
import io.lockstep.server.serving.GenerationService;
import io.lockstep.server.serving.ServingException;

/** A service without a model that generates. */
final class FakeGenerationService implements GenerationService {

  @Override
  public GenerationCall submit(GenerationRequest request) {
    throw ServingException.invalid("model '" + request.model() + "' does not generate text");
  }
}
