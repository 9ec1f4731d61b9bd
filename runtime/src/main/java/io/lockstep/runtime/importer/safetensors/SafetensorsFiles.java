package io.lockstep.runtime.importer.safetensors;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.importer.ModelTensor;
import io.lockstep.runtime.importer.TensorSource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The tensors of one safetensors file, or of all that an index names; mapped, and owned. */
final class SafetensorsFiles implements TensorSource, AutoCloseable {

  static final String SUFFIX = ".safetensors";
  static final String INDEX_SUFFIX = ".safetensors.index.json";

  private final Arena arena = Arena.ofShared();
  private final Map<String, ModelTensor> tensors = new LinkedHashMap<>();
  private long bytes;

  private SafetensorsFiles() {}

  /** Maps a file, or the files of an index. */
  static SafetensorsFiles open(Path path) {
    SafetensorsFiles files = new SafetensorsFiles();
    try {
      if (String.valueOf(path.getFileName()).endsWith(INDEX_SUFFIX)) {
        for (String shard : shards(path)) {
          files.add(path.resolveSibling(shard));
        }
      } else {
        files.add(path);
      }
      return files;
    } catch (RuntimeException e) {
      files.close();
      throw e;
    }
  }

  /** The files that an index names, all of them beside it. */
  private static Set<String> shards(Path index) {
    JsonNode map = JsonFile.read(index).path("weight_map");
    Set<String> shards = new TreeSet<>();
    for (JsonNode shard : map) {
      String name = shard.asText();
      if (!name.endsWith(SUFFIX) || name.contains("/") || name.contains("\\")) {
        throw new InvalidModelException("the index names a file '" + name + "'");
      }
      shards.add(name);
    }
    if (shards.isEmpty()) {
      throw new InvalidModelException("the index names no files");
    }
    return shards;
  }

  private void add(Path path) {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      MemorySegment file = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
      bytes += file.byteSize();
      for (ModelTensor tensor : new SafetensorsHeader(file).read()) {
        if (tensors.put(tensor.name(), tensor) != null) {
          throw new InvalidModelException("tensor '" + tensor.name() + "' is there twice");
        }
      }
    } catch (IOException e) {
      throw new InvalidModelException("cannot read " + path.getFileName(), e);
    }
  }

  /** The length of all files together. */
  long bytes() {
    return bytes;
  }

  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  @Override
  public Optional<ModelTensor> tensor(String name) {
    return Optional.ofNullable(tensors.get(name));
  }

  @Override
  public void close() {
    arena.close();
  }
}
