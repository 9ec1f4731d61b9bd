package io.lockstep.server.api;

import io.lockstep.runtime.sampling.TokenLogprobs;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.FinishReason;
import io.lockstep.server.serving.GeneratedToken;
import io.lockstep.server.serving.GenerationCall;
import io.lockstep.server.serving.GenerationEvent;
import io.lockstep.server.serving.GenerationEvent.Finished;
import io.lockstep.server.serving.GenerationEvent.Text;
import io.lockstep.server.serving.GenerationRequest;
import io.lockstep.server.serving.GenerationService;
import io.lockstep.server.serving.ServingException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells whatever a test wants told next, of any model that generates. */
public final class FakeGenerationService implements GenerationService {

  private final FakeCatalog catalog;
  private final List<GenerationRequest> requests = new ArrayList<>();
  private Deque<Happening> script = new ArrayDeque<>();
  private @Nullable ServingException refusal;

  FakeGenerationService(FakeCatalog catalog) {
    this.catalog = catalog;
  }

  /** What a reader of a text meets. */
  sealed interface Happening {

    /** The text goes on, or is over. */
    record Event(GenerationEvent event) implements Happening {}

    /** Nothing is heard for as long as the reader waits. */
    record Silence() implements Happening {}

    /** Something that the test does before the next of these. */
    record Meanwhile(Runnable action) implements Happening {}

    /** The text fails. */
    record Failure(ErrorCode code) implements Happening {}
  }

  /** The text goes on by this. */
  static Happening text(String text) {
    return new Happening.Event(new Text(0, text, List.of()));
  }

  /** The text goes on by a token, whose probability is told. */
  static Happening token(int id, String text) {
    TokenLogprobs.Entry entry = new TokenLogprobs.Entry(id, -0.5f);
    return new Happening.Event(
        new Text(0, text, List.of(new GeneratedToken(text, new TokenLogprobs(entry, List.of())))));
  }

  /** The text is over after two tokens, and one of its prompt was in the cache. */
  static Happening end(FinishReason reason) {
    return new Happening.Event(new Finished(0, reason, 2, 1));
  }

  /** The next request meets these, one after the other. */
  void tell(Happening... happenings) {
    script = new ArrayDeque<>(List.of(happenings));
    refusal = null;
  }

  /** The next request is refused. */
  void refuse(ServingException why) {
    refusal = why;
  }

  /** The requests so far. */
  List<GenerationRequest> requests() {
    return requests;
  }

  @Override
  public GenerationCall submit(GenerationRequest request) {
    catalog.describe(request.model(), request.version()).generationTraits();
    requests.add(request);
    if (refusal != null) {
      throw refusal;
    }
    return new ScriptedCall(script);
  }

  private record ScriptedCall(Deque<Happening> script) implements GenerationCall {

    @Override
    public String version() {
      return "1";
    }

    @Override
    public int promptTokens() {
      return 3;
    }

    @Override
    public @Nullable GenerationEvent next(long nanos) {
      return switch (script.remove()) {
        case Happening.Event(GenerationEvent event) -> event;
        case Happening.Meanwhile(Runnable action) -> {
          action.run();
          yield next(nanos);
        }
        case Happening.Silence _ -> null;
        case Happening.Failure(ErrorCode code) -> throw new ServingException(code, "it failed");
      };
    }

    @Override
    public void cancel() {}
  }
}
