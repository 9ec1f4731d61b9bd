package io.lockstep.loadtest;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The running servers that a benchmark compares. */
final class ServerOptions {

  @Option(
      names = "--url",
      required = true,
      description = "a server; give it again for others to compare with the first")
  private List<URI> servers = new ArrayList<>();

  List<URI> servers() {
    return servers;
  }
}
