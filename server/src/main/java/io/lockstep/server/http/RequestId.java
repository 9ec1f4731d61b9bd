package io.lockstep.server.http;

import io.javalin.http.Context;
import io.lockstep.server.api.Endpoints;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The name under which a request is found again in the logs of all that handled it. */
final class RequestId {

  static final String HEADER = Endpoints.REQUEST_ID;

  private static final Pattern USABLE = Pattern.compile("[\\x21-\\x7e]{1,128}");

  private RequestId() {}

  /** Sends the client's own id back, or one made here when it has none or an unsuitable one. */
  static void echo(Context context) {
    context.header(HEADER, of(context.header(HEADER)));
  }

  /** The client's own id, or one made here when it has none or an unsuitable one. */
  static String of(@Nullable String given) {
    return given != null && USABLE.matcher(given).matches() ? given : random();
  }

  private static String random() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
  }
}
