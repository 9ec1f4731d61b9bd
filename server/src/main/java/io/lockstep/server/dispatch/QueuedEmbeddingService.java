package io.lockstep.server.dispatch;

import io.lockstep.runtime.tokenizer.EncodeOptions;
import io.lockstep.runtime.tokenizer.Encoding;
import io.lockstep.runtime.tokenizer.Tokenizer;
import io.lockstep.runtime.tokenizer.Truncation;
import io.lockstep.server.serving.EmbeddingRequest;
import io.lockstep.server.serving.EmbeddingRequest.Input;
import io.lockstep.server.serving.EmbeddingResponse;
import io.lockstep.server.serving.EmbeddingResponse.Row;
import io.lockstep.server.serving.EmbeddingService;
import io.lockstep.server.serving.InferCall;
import io.lockstep.server.serving.InferRequest;
import io.lockstep.server.serving.InferResponse;
import io.lockstep.server.serving.ModelCatalog;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.PhaseClock;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.Task;
import io.lockstep.server.serving.TensorMemory;
import io.lockstep.server.serving.TextSettings;
import java.util.ArrayList;
import java.util.List;

/** Embeds texts: tokenises on the caller's thread, then one request to the queue for each text. */
public final class QueuedEmbeddingService implements EmbeddingService {

  private final ModelCatalog catalog;
  private final QueuedInferenceService inference;

  public QueuedEmbeddingService(ModelCatalog catalog, QueuedInferenceService inference) {
    this.catalog = catalog;
    this.inference = inference;
  }

  /** One text as the model takes it; both arrays are [tokens]. */
  @SuppressWarnings("ArrayRecordComponent") // private, never compared
  private record Tokens(int[] ids, int[] typeIds) {}

  @Override
  public EmbeddingCall submit(EmbeddingRequest request) {
    ModelDescription model = catalog.describe(request.model(), request.version());
    TextSettings text =
        model
            .text()
            .filter(_ -> model.task() == Task.EMBEDDING)
            .orElseThrow(
                () -> ServingException.invalid("model '" + model.name() + "' does not embed text"));
    checkDimensions(request.options().dimensions(), text);
    if (request.inputs().isEmpty()) {
      throw ServingException.invalid("there is no text to embed");
    }
    request.clock().mark(Phase.VALIDATE);
    List<Tokens> rows = new ArrayList<>();
    for (int i = 0; i < request.inputs().size(); i++) {
      rows.add(tokens(request.inputs().get(i), i, text, request.options()));
    }
    request.clock().mark(Phase.TOKENIZE);
    List<PendingCall> calls = inference.submitAll(requests(request, model, rows));
    EmbeddingRequest.Options options = request.options();
    boolean normalize =
        options.normalize() == null ? text.normalize() : options.normalize().booleanValue();
    Pooler pooler = new Pooler(text.pooling(), normalize, options.dimensions());
    return new Call(request, calls, rows.stream().map(row -> row.ids().length).toList(), pooler);
  }

  private static void checkDimensions(int wanted, TextSettings text) {
    boolean isTooMany = text.dimensions() > 0 && wanted > text.dimensions();
    if (wanted < 0 || isTooMany) {
      throw ServingException.invalid(
              "dimensions must be 1 to %s but is %d"
                  .formatted(
                      text.dimensions() > 0 ? text.dimensions() : "the model's width", wanted))
          .at("dimensions");
    }
  }

  private static Tokens tokens(
      Input input, int index, TextSettings text, EmbeddingRequest.Options options) {
    Tokenizer tokenizer = text.tokenizer();
    EncodeOptions encode =
        tokenizer
            .defaultOptions()
            .withTruncation(
                options.truncate()
                    ? Truncation.NONE.withMaxLength(text.maxLength()).withSide(options.side())
                    : Truncation.NONE);
    Tokens tokens =
        switch (input) {
          case Input.Text(String value) -> of(tokenizer.encode(value, encode));
          case Input.Pair(String first, String second) ->
              of(tokenizer.encodePair(first, second, encode));
          case Input.Tokens(List<Integer> ids) -> given(ids, index, text, options);
        };
    if (tokens.ids().length == 0) {
      throw ServingException.invalid("input %d is empty".formatted(index)).at(field(index));
    }
    if (tokens.ids().length > text.maxLength()) {
      throw ServingException.invalid(
              "input %d has %d tokens, more than the %d that the model takes"
                  .formatted(index, tokens.ids().length, text.maxLength()))
          .at(field(index));
    }
    return tokens;
  }

  private static String field(int index) {
    return "input[" + index + "]";
  }

  private static Tokens of(Encoding encoding) {
    return new Tokens(encoding.ids(), encoding.typeIds());
  }

  private static Tokens given(
      List<Integer> ids, int index, TextSettings text, EmbeddingRequest.Options options) {
    for (int id : ids) {
      if (id < 0 || id >= text.tokenizer().vocabularySize()) {
        throw ServingException.invalid(
                "input %d: token id %d is not one of the model's %d"
                    .formatted(index, id, text.tokenizer().vocabularySize()))
            .at(field(index));
      }
    }
    List<Integer> kept = ids;
    if (options.truncate() && ids.size() > text.maxLength()) {
      kept =
          options.side() == Truncation.Side.RIGHT
              ? ids.subList(0, text.maxLength())
              : ids.subList(ids.size() - text.maxLength(), ids.size());
    }
    return new Tokens(kept.stream().mapToInt(Integer::intValue).toArray(), new int[kept.size()]);
  }

  private static List<InferRequest> requests(
      EmbeddingRequest request, ModelDescription model, List<Tokens> rows) {
    TextInputs inputs = new TextInputs(model.signature());
    List<String> firstOutput = List.of(model.signature().outputs().getFirst().name());
    List<InferRequest> requests = new ArrayList<>();
    for (Tokens row : rows) {
      TensorMemory memory = new TensorMemory();
      requests.add(
          InferRequest.builder(request.model(), memory, request.clock().fork())
              .version(request.version())
              .inputs(inputs.of(row.ids(), row.typeIds(), memory))
              .outputs(firstOutput)
              .priority(request.options().priority())
              .deadline(request.deadline())
              .build());
    }
    return requests;
  }

  /** The texts of one request under way. */
  private static final class Call implements EmbeddingCall {

    private final EmbeddingRequest request;
    private final List<PendingCall> calls;
    private final List<Integer> tokens; // of each text
    private final Pooler pooler;

    Call(EmbeddingRequest request, List<PendingCall> calls, List<Integer> tokens, Pooler pooler) {
      this.request = request;
      this.calls = calls;
      this.tokens = tokens;
      this.pooler = pooler;
    }

    @Override
    public EmbeddingResponse await() throws InterruptedException {
      int awaited = 0;
      try {
        List<Row> rows = new ArrayList<>();
        InferResponse last = null;
        for (PendingCall call : calls) {
          awaited++;
          try (InferResponse response = call.await()) {
            float[] vector = pooler.vector(response.outputs().getFirst().tensor());
            rows.add(new Row(vector, tokens.get(rows.size())));
            last = response;
          }
        }
        if (last == null) {
          throw new IllegalStateException("an embedding request has at least one text");
        }
        joinClocks();
        return new EmbeddingResponse(last.model(), last.version(), rows, last.batch());
      } finally {
        calls.subList(awaited, calls.size()).forEach(PendingCall::abandon);
      }
    }

    /** The phases of the text that was answered last, then pooling. */
    private void joinClocks() {
      PhaseClock slowest = calls.getFirst().clock();
      for (PendingCall call : calls) {
        slowest = call.clock().totalNanos() > slowest.totalNanos() ? call.clock() : slowest;
      }
      request.clock().join(slowest);
      request.clock().mark(Phase.SPLIT);
    }

    @Override
    public void cancel() {
      calls.forEach(InferCall::cancel);
    }
  }
}
