package io.lockstep.runtime.importer.gguf;

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
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A GGUF file, mapped into memory and owned: closing it takes its tensors away. As with every
 * mapped model, a file is replaced by renaming another one over it.
 */
public final class GgufFile implements TensorSource, AutoCloseable {

  private final Arena arena;
  private final long bytes;
  private final GgufMetadata metadata;
  private final Map<String, ModelTensor> tensors;

  private GgufFile(Arena arena, long bytes, GgufHeader.Content content) {
    this.arena = arena;
    this.bytes = bytes;
    this.metadata = content.metadata();
    this.tensors = content.tensors();
  }

  /** Whether the file's name says that it is a GGUF file. */
  public static boolean recognizes(Path file) {
    @Nullable Path name = file.getFileName();
    return name != null && name.toString().endsWith(".gguf");
  }

  /**
   * Maps {@code path} and reads its header.
   *
   * @throws InvalidModelException when the file is damaged or contradicts itself
   * @throws io.lockstep.runtime.error.UnsupportedModelException when its version or the format of a
   *     tensor is not supported
   */
  @SuppressWarnings("MustBeClosedChecker") // the arena is closed by close(), or here on failure
  public static GgufFile open(Path path) {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      MemorySegment file = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
      return new GgufFile(arena, file.byteSize(), new GgufHeader(file).read());
    } catch (IOException e) {
      arena.close();
      throw new InvalidModelException("cannot read " + path.getFileName(), e);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /** The file's length. */
  public long bytes() {
    return bytes;
  }

  public GgufMetadata metadata() {
    return metadata;
  }

  /** All tensors by name, in the file's order. */
  public Map<String, ModelTensor> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  @Override
  public Set<String> names() {
    return tensors().keySet();
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
