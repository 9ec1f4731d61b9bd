package io.lockstep.server.http;

import io.javalin.http.Context;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The name under which a request is found again in the logs of all that handled it. */
final class RequestId {

  private static final String HEADER = "x-request-id";

  private RequestId() {}

  /** Sends the client's own id back, or one made here when it has none or an unsuitable one. */
  static void echo(Context context) {
    @Nullable String given = context.header(HEADER);
    boolean usable = given != null && given.matches("[\\x21-\\x7e]{1,128}");
    context.header(HEADER, usable && given != null ? given : random());
  }

  private static String random() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return String.format("%016x%016x", random.nextLong(), random.nextLong());
  }
}
