package io.lockstep.server.api.console;

import io.javalin.config.RoutesConfig;
import io.lockstep.server.api.Dialect;
import io.lockstep.server.api.Endpoints;
import io.lockstep.server.api.Exchange;
import java.io.IOException;
import java.util.List;

/**
 * The console at {@code /}, which shows what the server does and tries its models out, and the
 * description of all routes. Everything comes from this server: the pages work offline.
 */
public final class ConsoleDialect implements Dialect {

  private static final String PLOTS = "/META-INF/resources/webjars/uplot/1.6.30/dist/";
  private static final String SWAGGER = "/META-INF/resources/webjars/swagger-ui/5.27.1/";

  private static final List<StaticFile> FILES =
      List.of(
          StaticFile.at("/", "/console/index.html"),
          StaticFile.at("/console/console.css", "/console/console.css"),
          StaticFile.at("/console/icon.svg", "/console/icon.svg"),
          StaticFile.at("/console/main.js", "/console/main.js"),
          StaticFile.at("/console/dom.js", "/console/dom.js"),
          StaticFile.at("/console/metrics.js", "/console/metrics.js"),
          StaticFile.at("/console/live.js", "/console/live.js"),
          StaticFile.at("/console/charts.js", "/console/charts.js"),
          StaticFile.at("/console/models.js", "/console/models.js"),
          StaticFile.at("/console/playground.js", "/console/playground.js"),
          StaticFile.at("/console/chat.js", "/console/chat.js"),
          StaticFile.at("/console/uplot.js", PLOTS + "uPlot.iife.min.js"),
          StaticFile.at("/console/uplot.css", PLOTS + "uPlot.min.css"),
          StaticFile.at("/console/api.js", "/console/api.js"),
          StaticFile.at("/console/swagger.js", SWAGGER + "swagger-ui-bundle.js"),
          StaticFile.at("/console/swagger.css", SWAGGER + "swagger-ui.css"));

  private static final StaticFile API = StaticFile.at("/console/api", "/console/api.html");

  private static final String POLICY =
      "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
          + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'self'";

  /** Swagger UI writes styles into its elements. */
  private static final String API_POLICY = POLICY + " 'unsafe-inline'";

  private final String version;

  /** Pages of a server of this version. */
  public ConsoleDialect(String version) {
    this.version = version;
  }

  @Override
  public String protocol() {
    return "console";
  }

  @Override
  public boolean owns(String path) {
    return path.equals("/") || path.equals("/openapi.json") || path.startsWith("/console/");
  }

  @Override
  public void addRoutes(RoutesConfig routes, Endpoints endpoints) {
    for (StaticFile file : FILES) {
      routes.get(file.path(), endpoints.info(this, exchange -> file.send(exchange, POLICY)));
    }
    routes.get(API.path(), endpoints.info(this, exchange -> API.send(exchange, API_POLICY)));
    routes.get("/openapi.json", endpoints.info(this, this::describe));
  }

  private void describe(Exchange exchange) throws IOException {
    byte[] document = OpenApiDocument.json(version);
    exchange.send(200, "application/json", out -> out.write(document));
  }
}
