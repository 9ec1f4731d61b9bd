package io.lockstep.server.dispatch;

import io.lockstep.server.registry.ModelRegistry;
import io.lockstep.server.registry.Served;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.GenerationCall;
import io.lockstep.server.serving.GenerationRequest;
import io.lockstep.server.serving.GenerationRequest.Prompt;
import io.lockstep.server.serving.GenerationService;
import io.lockstep.server.serving.GenerationTraits;
import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.ServingException;
import java.util.List;
import java.util.Optional;

/** Continues texts: tokenises on the caller's thread, then puts the prompt into the queue. */
public final class QueuedGenerationService implements GenerationService {

  private final ModelRegistry<? extends Served> registry;
  private volatile boolean draining;

  public QueuedGenerationService(ModelRegistry<? extends Served> registry) {
    this.registry = registry;
  }

  /** From here on every new request is refused; those admitted go on. */
  public void drain() {
    draining = true;
  }

  @Override
  public GenerationCall submit(GenerationRequest request) {
    while (true) {
      if (draining) {
        throw new ServingException(ErrorCode.MODEL_NOT_READY, "the server is shutting down");
      }
      if (!(registry.resolve(request.model(), request.version())
          instanceof GenerationServer server)) {
        throw ServingException.invalid(
            "model '%s' does not generate text".formatted(request.model()));
      }
      request.clock().mark(Phase.VALIDATE);
      List<Integer> prompt = tokens(request.prompt(), server.traits());
      request.clock().mark(Phase.TOKENIZE);
      Optional<GenerationCall> call = server.submit(request, prompt);
      if (call.isPresent()) {
        return call.get();
      }
      // Retired between look-up and admission: the next look-up finds its successor, or nothing.
      Thread.onSpinWait();
    }
  }

  private static List<Integer> tokens(Prompt prompt, GenerationTraits traits) {
    List<Integer> tokens = traits.tokens(prompt);
    if (tokens.isEmpty()) {
      throw ServingException.invalid("the prompt is empty").at("prompt");
    }
    if (tokens.size() >= traits.contextLength()) {
      throw new ServingException(
          ErrorCode.CONTEXT_LENGTH_EXCEEDED,
          "the prompt has %d tokens, which leaves no room in the model's context of %d"
              .formatted(tokens.size(), traits.contextLength()));
    }
    return tokens;
  }
}
