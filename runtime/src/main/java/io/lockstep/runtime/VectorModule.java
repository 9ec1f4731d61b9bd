package io.lockstep.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.module.ModuleFinder;

/** The module of the Vector API, which a JVM leaves out unless it is asked for it. */
final class VectorModule {
  /*
   * The flag --add-modules asks for it, but a JVM that starts with a module in incubation can use
   * neither the module graph nor the linked classes of an AOT cache, and so starts later. It can
   * also join the running JVM, when somebody needs it: by the method with which the JVM itself adds
   * the modules of agents. That is not exported; a program that wants this says so in the manifest
   * of its jar (Add-Exports: java.base/jdk.internal.module).
   */

  private static final String NAME = "jdk.incubator.vector";
  private static final String LOADER_PACKAGE = "jdk.internal.module";

  private VectorModule() {}

  /** Whether the module is there, or can join. */
  static boolean isAvailable() {
    return isThere()
        || (Object.class.getModule().isExported(LOADER_PACKAGE, VectorModule.class.getModule())
            && ModuleFinder.ofSystem().find(NAME).isPresent());
  }

  private static boolean isThere() {
    return ModuleLayer.boot().findModule(NAME).isPresent();
  }

  /** Has it join, unless it is there. */
  static void join() {
    if (isThere()) {
      return;
    }
    try {
      MethodHandles.lookup()
          .findStatic(
              Class.forName(LOADER_PACKAGE + ".Modules"),
              "loadModule",
              MethodType.methodType(Module.class, String.class))
          .invoke(NAME);
    } catch (Throwable problem) { // a method handle declares no less than this
      throw new IllegalStateException("module " + NAME + " cannot join", problem);
    }
  }
}
