package io.lockstep.server.api.console;

import io.lockstep.server.api.Exchange;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * A file of the class path under a path of the server.
 *
 * @param path as browsers ask for it
 * @param resource absolute, on the class path
 * @param contentType of the answer
 */
record StaticFile(String path, String resource, String contentType) {

  private static final String SCRIPT = "text/javascript; charset=utf-8";
  private static final String STYLE = "text/css; charset=utf-8";
  private static final String PAGE = "text/html; charset=utf-8";
  private static final String IMAGE = "image/svg+xml";

  /** The type follows from the ending. */
  static StaticFile at(String path, String resource) {
    String ending = resource.substring(resource.lastIndexOf('.') + 1);
    String type =
        switch (ending) {
          case "js" -> SCRIPT;
          case "css" -> STYLE;
          case "html" -> PAGE;
          case "svg" -> IMAGE;
          default -> throw new IllegalArgumentException("no content type is known for " + resource);
        };
    return new StaticFile(path, resource, type);
  }

  byte[] read() throws IOException {
    try (@Nullable InputStream in = StaticFile.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("the build left out " + resource);
      }
      return in.readAllBytes();
    }
  }

  /**
   * Sends the file.
   *
   * @param policy where the page may load things from (W3C Content Security Policy)
   */
  void send(Exchange exchange, String policy) throws IOException {
    byte[] bytes = read();
    exchange.answerHeader("Content-Security-Policy", policy);
    exchange.answerHeader("X-Content-Type-Options", "nosniff");
    exchange.answerHeader("Referrer-Policy", "no-referrer");
    exchange.answerHeader("Cache-Control", "no-cache"); // another version may listen here tomorrow
    exchange.send(200, contentType, out -> out.write(bytes));
  }
}
