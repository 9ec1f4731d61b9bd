package io.lockstep.server.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The console in a browser; skipped where there is no Chromium. */
@Timeout(120)
final class ConsoleIT {

  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");

  private static final String PREDICT = "/v1/models/delivery-time:predict";
  private static final String ROW = "{\"instances\":[[5,3,1,18,4,0,0,2]]}";

  @TempDir private static Path folder;

  private static BuiltInServer server;
  private static Playwright playwright;
  private static Browser browser;

  private final List<String> problems = new ArrayList<>();
  private Page page;

  @BeforeAll
  static void start() {
    assumeTrue(Files.isExecutable(CHROMIUM), "skipped: there is no " + CHROMIUM);
    BuiltInServer.copyModels(folder, "delivery-time", "storyteller");
    server = BuiltInServer.serving(folder);
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(CHROMIUM)
                    .setArgs(List.of("--no-sandbox"))); // it has none when root starts it
  }

  @AfterAll
  static void stop() {
    if (playwright != null) {
      playwright.close();
    }
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void open() {
    page = browser.newPage(new Browser.NewPageOptions().setColorScheme(ColorScheme.DARK));
    page.onConsoleMessage(message -> {
      if (message.type().equals("error")) {
        problems.add(message.text());
      }
    });
    page.onPageError(problems::add);
    page.onRequest(request -> {
      if (!request.url().startsWith(server.uri("/").toString())
          && !request.url().startsWith("data:")) {
        problems.add("asked " + request.url());
      }
    });
  }

  @AfterEach
  void close() {
    page.close();
    assertEquals(List.of(), problems, "errors in the browser, or requests to other hosts");
  }

  private void show(String path) {
    page.navigate(server.uri(path).toString());
  }

  @Test
  void movesItsNumbersUnderLoad() {
    show("/");
    assertThat(page.locator("#status")).hasText("ready");
    assertThat(page.locator("#now-requests")).hasText("0");
    while (page.locator("#now-batch").textContent().equals("–")) {
      server.posted(PREDICT, ROW);
    }
    assertThat(page.locator("#now-rows")).not().hasText("0 rows/s");
    assertThat(page.locator("#chart-throughput canvas")).isVisible();
  }

  @Test
  void unloadsAndLoadsModels() {
    show("/");
    Locator model =
        page.locator("#models tr", new Page.LocatorOptions().setHasText("delivery-time"));
    model.locator("button", new Locator.LocatorOptions().setHasText("Unload")).click();
    assertThat(model.locator(".badge")).hasText("not loaded");
    model.locator("button").click();
    assertThat(model.locator(".badge")).hasText("v1 ready");
    page.locator("#load-name").fill("nobody");
    page.locator("#load-form button").click();
    assertThat(page.locator("#models .failure")).containsText("nobody");
    assertEquals(1, problems.size(), problems::toString); // the browser reports the 404 by itself
    problems.clear();
  }

  @Test
  void runsAModelOnTensors() {
    show("/");
    page.locator("#tab-tensors").click();
    assertThat(page.locator("#tensors-inputs legend")).containsText("features");
    page.locator("#panel-tensors .primary").click();
    assertThat(page.locator("#tensors-result h2")).containsText("minutes");
    page.locator("#tensors-inputs input").fill("1, 7");
    page.locator("#panel-tensors .primary").click();
    assertThat(page.locator("#tensors-result .failure")).containsText("features");
    assertEquals(1, problems.size(), problems::toString);
    problems.clear();
  }

  @Test
  void chatsWithTheBuiltInLanguageModel() {
    show("/");
    page.locator("#tab-chat").click();
    page.locator("#chat-text").fill("Tell me a story about a fox.");
    page.locator("#chat-text").press("Enter");
    assertThat(page.locator(".turn.assistant .said")).containsText("fox");
    assertThat(page.locator(".turn .timing")).containsText("pieces a second");
    assertThat(page.locator("#chat-send")).isEnabled();
  }

  @Test
  void showsTheTokensOfAnAnswerAsText() {
    page.route(
        "**/v2/repository/index",
        route ->
            answer(
                route,
                "[{\"name\":\"teller\",\"version\":\"1\",\"state\":\"READY\",\"reason\":\"\"}]"));
    page.route(
        "**/admin/models/teller",
        route ->
            answer(
                route,
                "{\"name\":\"teller\",\"versions\":[{\"version\":\"1\",\"state\":\"ready\","
                    + "\"task\":\"generation\",\"parameters\":1000,\"description\":\"\"}]}"));
    page.route(
        "**/v1/chat/completions",
        route ->
            route.fulfill(
                new Route.FulfillOptions()
                    .setContentType("text/event-stream")
                    .setBody(
                        """
                        data: {"choices":[{"index":0,"delta":{"role":"assistant"}}]}

                        : still here

                        data: {"choices":[{"index":0,"delta":{"content":"Once <b>"}}]}

                        data: {"choices":[{"index":0,"delta":{"content":" upon"}}]}

                        data: [DONE]

                        """)));
    show("/");
    page.locator("#tab-chat").click();
    page.locator("#chat-text").fill("Tell me");
    page.locator("#chat-text").press("Enter");
    assertThat(page.locator(".turn.user")).hasText("Tell me");
    assertThat(page.locator(".turn.assistant .said")).hasText("Once <b> upon");
    assertThat(page.locator("#chat-send")).isEnabled();
  }

  @Test
  void fitsAPhone() {
    page.setViewportSize(390, 844);
    show("/");
    assertThat(page.locator(".badge").first()).hasText("v1 ready");
    assertEquals(390, page.evaluate("document.documentElement.scrollWidth"));
  }

  @Test
  void showsTheDescriptionOfAllRoutes() {
    show("/console/api");
    assertThat(page.locator("#operations-OpenAI-embeddings")).isVisible();
  }

  private static void answer(Route route, String json) {
    route.fulfill(new Route.FulfillOptions().setContentType("application/json").setBody(json));
  }
}
