package io.lockstep.loadtest.decode;

import java.io.IOException;
import java.nio.file.Path;

/** A build of llama.cpp to stand beside. */
enum Peer {
  /** Of the Java binding on Maven Central, slower than a native build. */
  MAVEN {
    @Override
    void prepare(Path folder) {
      // comes with this program
    }

    @Override
    Contender load(Path folder, Path file, int threads) {
      return new MavenLlama(file, threads);
    }
  },
  /** Of an npm package, built for this kind of processor; needs Node and Linux on x86-64. */
  NPM {
    @Override
    void prepare(Path folder) throws IOException {
      NpmLlama.install(folder.resolve("npm"));
    }

    @Override
    Contender load(Path folder, Path file, int threads) throws IOException {
      return new NpmLlama(folder.resolve("npm"), file, threads);
    }
  };

  /** Fetches into a folder what this build needs. */
  abstract void prepare(Path folder) throws IOException;

  /** Loads a model. */
  abstract Contender load(Path folder, Path file, int threads) throws IOException;
}
