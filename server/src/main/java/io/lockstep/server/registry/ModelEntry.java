package io.lockstep.server.registry;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * A model as the repository holds it.
 *
 * @param name of the model
 * @param folder with model.yaml and the versions; the repository itself for a bare file
 * @param files the model file of each version
 * @param stamps what of each version changes when its files do
 * @param configStamp the same for model.yaml
 */
record ModelEntry(
    String name, Path folder, Map<Long, Path> files, Map<Long, String> stamps, String configStamp) {

  ModelEntry {
    files = new TreeMap<>(files);
    stamps = new TreeMap<>(stamps);
  }

  /** Changes when anything of the model does. */
  String stamp() {
    return stamps + configStamp;
  }
}
