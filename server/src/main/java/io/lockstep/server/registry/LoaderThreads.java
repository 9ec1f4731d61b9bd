package io.lockstep.server.registry;

import java.util.concurrent.Executor;

/**
 * Where models are loaded: off the threads that serve requests.
 *
 * @param changes runs one change of the repository after the other
 * @param sideBySide runs the loading of models that one change brings; it may run several at once
 * @param drains runs what waits for versions to finish, all of it at once
 */
public record LoaderThreads(Executor changes, Executor sideBySide, Executor drains) {}
