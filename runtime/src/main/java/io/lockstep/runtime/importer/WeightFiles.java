package io.lockstep.runtime.importer;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import io.lockstep.runtime.tensor.TensorType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * Owns the constants of one model: small ones are copied, large ones are mapped each on its own, so
 * that each can be given back when a packed form has replaced it.
 *
 * <p>A mapped file must not be written to while the model is open; to replace it, rename another
 * file over it.
 */
public final class WeightFiles implements AutoCloseable {

  /** From this size on a constant is mapped rather than copied. */
  private static final long MAPPED_BYTES = 64 * 1024;

  private final TensorArena copies = new TensorArena();
  private final Map<Tensor, Arena> mappings = new HashMap<>();
  private final Map<Tensor, Arena> computed = new HashMap<>();

  /** A constant that stands at {@code offset} of a file. */
  public synchronized Tensor load(TensorType type, Path file, long offset) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long bytes = type.bytes();
      if (offset < 0 || offset > channel.size() || bytes > channel.size() - offset) {
        throw new InvalidModelException(
            file.getFileName() + " ends before a tensor of " + bytes + " bytes at " + offset);
      }
      if (bytes < MAPPED_BYTES) {
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment mapped = channel.map(MapMode.READ_ONLY, offset, bytes, arena);
          return copies.copyOf(Tensor.of(type, mapped));
        }
      }
      return map(type, channel, offset);
    } catch (IOException e) {
      throw new InvalidModelException("cannot read " + file.getFileName(), e);
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // the arena is closed by release() or close()
  private Tensor map(TensorType type, FileChannel channel, long offset) throws IOException {
    Arena arena = Arena.ofShared();
    try {
      MemorySegment mapped = channel.map(MapMode.READ_ONLY, offset, type.bytes(), arena);
      Tensor tensor = Tensor.of(type, mapped);
      mappings.put(tensor, arena);
      return tensor;
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /** A constant copied out of memory that goes away. */
  public Tensor copy(Tensor tensor) {
    return copies.copyOf(tensor);
  }

  /** A zeroed constant that is computed while the model loads. */
  @SuppressWarnings("MustBeClosedChecker") // the arena is closed by release() or close()
  public synchronized Tensor allocate(TensorType type) {
    if (type.bytes() < MAPPED_BYTES) {
      return copies.allocate(type);
    }
    Arena arena = Arena.ofShared();
    Tensor tensor = Tensor.of(type, arena.allocate(type.bytes(), TensorArena.ALIGNMENT));
    computed.put(tensor, arena);
    return tensor;
  }

  /** Memory for small constants. */
  public TensorArena copies() {
    return copies;
  }

  /** Gives a large constant back; nobody may touch it afterwards. Small ones stay. */
  public synchronized void release(Tensor tensor) {
    Arena mapping = mappings.remove(tensor);
    if (mapping != null) {
      mapping.close();
    }
    Arena memory = computed.remove(tensor);
    if (memory != null) {
      memory.close();
    }
  }

  /** Bytes of files still mapped. */
  public synchronized long mappedBytes() {
    return mappings.keySet().stream().mapToLong(tensor -> tensor.type().bytes()).sum();
  }

  /** Bytes of constants in memory: those that were copied or computed. */
  public synchronized long memoryBytes() {
    return copies.bytes()
        + computed.keySet().stream().mapToLong(tensor -> tensor.type().bytes()).sum();
  }

  @Override
  public synchronized void close() {
    mappings.values().forEach(Arena::close);
    mappings.clear();
    computed.values().forEach(Arena::close);
    computed.clear();
    copies.close();
  }
}
