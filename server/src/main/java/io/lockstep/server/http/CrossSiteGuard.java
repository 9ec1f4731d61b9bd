package io.lockstep.server.http;

import io.javalin.http.Context;
import io.javalin.http.ForbiddenResponse;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Refuses what a page of another site makes a visitor's browser send: such a page cannot read an
 * answer, but it could unload a model, or keep one busy. Reading is not guarded, since no answer
 * allows other origins to see it. Clients that are not browsers send neither of the headers, and
 * are not asked.
 *
 * <p>Browsers send {@code Sec-Fetch-Site} on secure connections and to the machine itself (W3C
 * Fetch Metadata), and {@code Origin} with every request that is not a plain read (Fetch, section
 * 3.2).
 */
final class CrossSiteGuard {

  private CrossSiteGuard() {}

  static void check(Context context) {
    String method = context.method().name();
    if (method.equals("GET") || method.equals("HEAD")) {
      return;
    }
    @Nullable String site = context.header("Sec-Fetch-Site");
    boolean ours =
        site == null
            ? isOwn(context.header("Origin"), context)
            : site.equals("same-origin") || site.equals("none");
    if (!ours) {
      throw new ForbiddenResponse("requests from pages of other sites are refused");
    }
  }

  /** Whether {@code origin} names the host that was asked; the scheme is a proxy's affair. */
  private static boolean isOwn(@Nullable String origin, Context context) {
    if (origin == null) {
      return true;
    }
    @Nullable String host = context.header("Host");
    int scheme = origin.indexOf("://");
    return scheme >= 0
        && host != null
        && authority(origin.substring(scheme + 3)).equals(authority(host));
  }

  /** Without the ports that browsers leave out. */
  private static String authority(String hostAndPort) {
    return hostAndPort.replaceFirst(":(80|443)$", "").toLowerCase(Locale.ROOT);
  }
}
