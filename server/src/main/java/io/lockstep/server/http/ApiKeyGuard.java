package io.lockstep.server.http;

import io.javalin.http.Context;
import io.lockstep.server.api.Exchange;
import io.lockstep.server.api.RequestObserver;
import io.lockstep.server.config.ApiKeys;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.Tenant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Refuses requests without a known key where keys are configured, and notes whose the others are.
 * Whether the server is alive and ready, its metrics and the pages of its console need none.
 */
final class ApiKeyGuard {

  private static final Pattern OPEN =
      Pattern.compile(
          "/|/console/.*|/openapi\\.json|/metrics|/health|/v2/health/(live|ready)"
              + "|/v2/models/[^/]+(/versions/[^/]+)?/ready");

  /** RFC 6750, section 2.1. */
  private static final Pattern BEARER = Pattern.compile("(?i)bearer +(\\S+) *");

  private final ApiKeys keys;
  private final RequestObserver observer;

  ApiKeyGuard(ApiKeys keys, RequestObserver observer) {
    this.keys = keys;
    this.observer = observer;
  }

  void check(Context context) {
    if (!keys.areNeeded() || OPEN.matcher(context.path()).matches()) {
      return;
    }
    @Nullable String header = context.header("Authorization");
    var credentials = BEARER.matcher(header == null ? "" : header);
    Optional<Tenant> owner =
        credentials.matches() ? keys.owner(credentials.group(1)) : Optional.empty();
    if (owner.isEmpty()) {
      observer.rejected("unauthenticated");
      context.header("WWW-Authenticate", "Bearer");
      throw new ServingException(
          ErrorCode.UNAUTHENTICATED,
          credentials.matches()
              ? "the API key is not known"
              : "an API key is needed: send the header Authorization: Bearer KEY");
    }
    context.attribute(Exchange.TENANT, owner.get());
  }
}
