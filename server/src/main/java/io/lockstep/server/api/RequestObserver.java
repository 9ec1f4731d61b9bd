package io.lockstep.server.api;

import io.javalin.http.Context;
import io.lockstep.server.serving.AnsweredRequest;

/** Is told about every request for work, for counting. */
public interface RequestObserver {

  /** A request was answered, whatever the answer. */
  void finished(Context context, AnsweredRequest request);

  /** A request was turned away before it was looked at. */
  void rejected(String reason);
}
