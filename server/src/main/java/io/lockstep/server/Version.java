package io.lockstep.server;

import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote into the jar. */
final class Version implements IVersionProvider {

  static String number() {
    String written = Main.class.getPackage().getImplementationVersion();
    return written == null ? "development" : written;
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "Lockstep " + number() + ", Java " + Runtime.version() + ", " + System.getProperty("os.arch")
    };
  }
}
