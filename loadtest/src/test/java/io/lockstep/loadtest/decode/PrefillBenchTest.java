package io.lockstep.loadtest.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.loadtest.FakeServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpClient;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PrefillBenchTest {

  @TempDir private Path folder;

  private static FakeServer answering(int status, String body) throws IOException {
    return new FakeServer("/v1/completions", FakeServer.answering(status, body));
  }

  private static TokenStream stream(FakeServer server, HttpClient client) {
    return TokenStream.start(client, server.url(), new int[] {5, 6}, 2);
  }

  @Test
  void aStreamNotesWhenItsTokensCame() throws Exception {
    String body =
        """
        : still here

        data: {"choices":[{"text":"a","logprobs":{"tokens":["a"]}}]}

        data: {"choices":[{"text":"","logprobs":{"tokens":["<0xF0>"]}}]}

        data: {"choices":[{"text":"","logprobs":{"tokens":[]},"finish_reason":"length"}]}

        data: [DONE]

        """;
    try (FakeServer server = answering(200, body);
        HttpClient client = HttpClient.newHttpClient()) {
      TokenStream stream = stream(server, client);
      stream.await(2);
      long now = System.nanoTime();
      assertEquals(2, stream.tokens());
      assertEquals(2, stream.tokensWithin(stream.sentNanos(), now));
      assertEquals(1, stream.gaps(stream.sentNanos(), now).count());
      assertTrue(stream.firstNanos() - stream.sentNanos() > 0);
    }
  }

  @Test
  void aStreamThatFailsSaysWhy() throws Exception {
    try (FakeServer server = answering(503, "{}");
        HttpClient client = HttpClient.newHttpClient()) {
      TokenStream stream = stream(server, client);
      IllegalStateException problem =
          assertThrows(IllegalStateException.class, () -> stream.await(1));
      assertEquals("the stream ended early: status 503", problem.getMessage());
    }
  }

  @Test
  void aMissingVocabularyIsNamed() {
    StringWriter errors = new StringWriter();
    CommandLine line = new CommandLine(new PrefillBench()).setErr(new PrintWriter(errors));
    int status = line.execute("--vocabulary", folder.resolve("none.gguf").toString());
    assertEquals(CommandLine.ExitCode.USAGE, status);
    assertTrue(errors.toString().contains("none.gguf is no file"), errors::toString);
  }
}
