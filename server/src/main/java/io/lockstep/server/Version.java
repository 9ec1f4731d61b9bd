package io.lockstep.server;

/** The version that the build wrote into the jar. */
final class Version {

  private Version() {}

  static String number() {
    String written = Main.class.getPackage().getImplementationVersion();
    return written == null ? "development" : written;
  }

  /** The version, and what it runs on. */
  static String text() {
    return "Lockstep "
        + number()
        + ", Java "
        + Runtime.version()
        + ", "
        + System.getProperty("os.arch");
  }
}
