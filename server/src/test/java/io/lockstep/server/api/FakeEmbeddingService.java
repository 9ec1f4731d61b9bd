package io.lockstep.server.api;

import io.lockstep.server.serving.BatchInfo;
import io.lockstep.server.serving.CloseReason;
import io.lockstep.server.serving.EmbeddingRequest;
import io.lockstep.server.serving.EmbeddingRequest.Input;
import io.lockstep.server.serving.EmbeddingResponse;
import io.lockstep.server.serving.EmbeddingService;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.ModelCatalog;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.Task;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Embeds a text as [number of characters, 0.5, -1, 1/3] and token ids as [number of ids, their sum,
 * 0, 0]; every character or id counts as a token.
 */
public final class FakeEmbeddingService implements EmbeddingService {

  /** Elements of a vector. */
  public static final int DIMENSIONS = 4;

  private final ModelCatalog catalog;
  private final AtomicReference<@Nullable EmbeddingRequest> last = new AtomicReference<>();

  public FakeEmbeddingService(ModelCatalog catalog) {
    this.catalog = catalog;
  }

  /** The request that came last. */
  EmbeddingRequest last() {
    EmbeddingRequest request = last.get();
    if (request == null) {
      throw new AssertionError("no request came");
    }
    return request;
  }

  @Override
  public EmbeddingCall submit(EmbeddingRequest request) {
    last.set(request);
    ModelDescription model = catalog.describe(request.model(), request.version());
    if (model.task() != Task.EMBEDDING) {
      throw ServingException.invalid("model '" + model.name() + "' does not embed");
    }
    if (request.options().dimensions() > DIMENSIONS) {
      throw ServingException.invalid("dimensions must be at most " + DIMENSIONS);
    }
    request.clock().mark(Phase.TOKENIZE);
    var rows = request.inputs().stream().map(input -> row(input, request.options())).toList();
    request.clock().mark(Phase.INFER);
    EmbeddingResponse response =
        new EmbeddingResponse(
            model.name(), model.version(), rows, new BatchInfo(1, 1, 4, CloseReason.IDLE));
    return new EmbeddingCall() {
      @Override
      public EmbeddingResponse await() {
        return response;
      }

      @Override
      public void cancel() {
        throw new ServingException(ErrorCode.INTERNAL, "the answer was there already");
      }
    };
  }

  private static EmbeddingResponse.Row row(Input input, EmbeddingRequest.Options options) {
    float[] vector =
        switch (input) {
          case Input.Text(String text) -> new float[] {text.length(), 0.5f, -1, 1f / 3};
          case Input.Pair(String first, String second) ->
              new float[] {first.length(), second.length(), 0, 0};
          case Input.Tokens tokens ->
              new float[] {
                tokens.ids().size(), tokens.ids().stream().mapToInt(Integer::intValue).sum(), 0, 0
              };
        };
    int tokens = (int) vector[0];
    if (tokens == 0) {
      throw ServingException.invalid("an input is empty");
    }
    int kept = options.dimensions() == 0 ? DIMENSIONS : options.dimensions();
    return new EmbeddingResponse.Row(Arrays.copyOf(vector, kept), tokens);
  }
}
