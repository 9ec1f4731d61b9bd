package io.lockstep.server.http;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import io.javalin.router.Endpoint;
import io.javalin.router.InternalRouter;
import io.javalin.router.ParsedEndpoint;
import io.lockstep.server.api.ApiLimits;
import io.lockstep.server.api.Dialect;
import io.lockstep.server.api.Endpoints;
import io.lockstep.server.api.Exchange;
import io.lockstep.server.api.Gate;
import io.lockstep.server.config.ApiKeys;
import io.lockstep.server.config.ServerConfig;
import io.lockstep.server.metrics.Scrape;
import io.lockstep.server.serving.Readiness;
import io.lockstep.server.serving.Ticker;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.jspecify.annotations.Nullable;

/** Listens, and hands requests to the dialects on one virtual thread each. */
public final class HttpServer implements AutoCloseable {

  /** Bytes of a request's line and headers together; beyond it 431. */
  static final int MAX_HEADER_BYTES = 16 << 10;

  /** Connections that may wait to be accepted. */
  private static final int ACCEPT_QUEUE = 1024;

  private final ServerConfig config;
  private final List<Dialect> dialects;
  private final Observation observation;
  private final Ticker ticker;
  private final ServerTiming timing;
  private final Endpoints endpoints;
  private final ApiKeyGuard keys;
  private final Javalin javalin;

  /**
   * A server that does not listen yet.
   *
   * @param dialects the first one also speaks for paths that belong to none
   */
  public HttpServer(
      ServerConfig config,
      List<Dialect> dialects,
      Readiness readiness,
      Observation observation,
      Ticker ticker) {
    this.config = config;
    this.dialects = List.copyOf(dialects);
    this.observation = observation;
    this.ticker = ticker;
    this.timing = new ServerTiming(ticker);
    ServerConfig.Limits limits = config.limits();
    this.endpoints =
        new Endpoints(
            new ApiLimits(
                limits.maxBody().bytes(),
                limits.maxTensor().bytes(),
                limits.maxJsonDepth(),
                limits.maxTexts(),
                limits.defaultTimeout(),
                config.generation().defaultTimeout()),
            new Gate(readiness, limits.maxConcurrentRequests(), observation),
            new JettyConnections(),
            observation,
            ticker);
    this.keys = new ApiKeyGuard(ApiKeys.read(config.server().apiKeys()), observation);
    this.javalin = Javalin.create(this::configure);
    answerHeads(javalin.unsafe.internalRouter);
  }

  /**
   * Has HEAD answered as GET would be, without the body. Javalin by itself says 200 wherever there
   * is something to get, also for a model that does not exist and a server that is not ready.
   */
  private static void answerHeads(InternalRouter router) {
    for (ParsedEndpoint parsed : List.copyOf(router.allHttpHandlers())) {
      Endpoint endpoint = parsed.endpoint;
      if (endpoint.method.equals(HandlerType.GET)) {
        router.addHttpEndpoint(
            new Endpoint(HandlerType.HEAD, endpoint.path, endpoint.handler, Set.of()));
      }
    }
  }

  /** Starts to listen. */
  public void start() {
    javalin.start();
  }

  /** The port it listens on. */
  public int port() {
    return javalin.port();
  }

  /** Every route as method and path, such as {@code GET /metrics}; HEAD goes with GET. */
  public List<String> routes() {
    return javalin.unsafe.internalRouter.allHttpHandlers().stream()
        .map(handler -> handler.endpoint)
        .filter(endpoint -> endpoint.method.isHttpMethod())
        .filter(endpoint -> !endpoint.method.equals(HandlerType.HEAD))
        .map(endpoint -> endpoint.method.name() + " " + endpoint.path)
        .toList();
  }

  /** Stops listening; requests in flight get until the drain timeout to finish. */
  @Override
  public void close() {
    javalin.stop();
  }

  private void configure(JavalinConfig javalinConfig) {
    javalinConfig.startup.showJavalinBanner = false;
    javalinConfig.startup.showOldJavalinVersionWarning = false;
    javalinConfig.startup.startupWatcherEnabled = false;
    javalinConfig.concurrency.useVirtualThreads = true;
    javalinConfig.jetty.threadPool = new RequestThreads();
    javalinConfig.http.compressionStrategy = CompressionStrategy.NONE;
    javalinConfig.http.prefer405over404 = true;
    javalinConfig.http.generateEtags = false;
    javalinConfig.jetty.modifyServer(this::configureServer);
    javalinConfig.jetty.modifyServletContextHandler(
        servlets -> servlets.setSessionHandler(new NoSessions()));
    javalinConfig.jetty.modifyHttpConfiguration(HttpServer::configureHttp);
    javalinConfig.jetty.addConnector(this::connector);
    javalinConfig.routes.before(this::admit);
    javalinConfig.routes.get("/metrics", endpoints.info(dialects.getFirst(), this::scrape));
    dialects.forEach(dialect -> dialect.addRoutes(javalinConfig.routes, endpoints));
    // Javalin answers its own exceptions itself unless they are named.
    javalinConfig.routes.exception(HttpResponseException.class, this::fail);
    javalinConfig.routes.exception(Exception.class, this::fail);
    if (config.logging().accessLog()) {
      new AccessLog(System.out, ticker).install(javalinConfig);
    }
  }

  /** What comes before every handler; one step for Javalin to look up and to queue. */
  private void admit(Context context) {
    observation.begin(context);
    CrossSiteGuard.check(context);
    keys.check(context);
  }

  private void scrape(Exchange exchange) throws IOException {
    Scrape scrape = observation.metrics().scrape(exchange.header("Accept"));
    exchange.send(200, scrape.contentType(), out -> out.write(scrape.body()));
  }

  private void fail(Exception problem, Context context) {
    if (problem instanceof MethodNotAllowedResponse refused) {
      @Nullable String allowed = refused.getDetails().get("availableMethods");
      context.header("Allow", allowed == null ? "" : allowed);
    }
    endpoints.fail(context, dialectOf(context.path()), problem);
  }

  private void configureServer(Server server) {
    server.setStopTimeout(config.server().drainTimeout().toMillis());
    server.setErrorHandler(new JsonErrorHandler(timing));
    // Javalin puts Jetty's statistics in front, which nobody reads: our meters count.
    server.setHandler((Handler) null);
  }

  private static void configureHttp(HttpConfiguration http) {
    http.setRequestHeaderSize(MAX_HEADER_BYTES);
    http.setSendServerVersion(false);
    http.setSendXPoweredBy(false);
  }

  private ServerConnector connector(Server server, HttpConfiguration http) {
    ServerConnector connector =
        new ServerConnector(server, new org.eclipse.jetty.server.HttpConnectionFactory(http));
    connector.setHost(config.server().host());
    connector.setPort(config.server().port());
    connector.setIdleTimeout(config.server().idleTimeout().toMillis());
    connector.setAcceptQueueSize(ACCEPT_QUEUE);
    connector.setReuseAddress(true);
    return connector;
  }

  private Dialect dialectOf(String path) {
    return dialects.stream()
        .filter(dialect -> dialect.owns(path))
        .findFirst()
        .orElse(dialects.getFirst());
  }
}
