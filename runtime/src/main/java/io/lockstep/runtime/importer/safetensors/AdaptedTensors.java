package io.lockstep.runtime.importer.safetensors;

import io.lockstep.runtime.importer.ModelTensor;
import io.lockstep.runtime.importer.TensorSource;
import io.lockstep.runtime.quant.BlockDecoder;
import io.lockstep.runtime.quant.BlockEncoder;
import io.lockstep.runtime.quant.BlockFormat;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tensors as decoders want them: vectors as floats, matrices [outputs, inputs] and, if asked for,
 * quantised. What must change is copied to memory of its own when it is first asked for.
 */
final class AdaptedTensors implements TensorSource, AutoCloseable {

  private final SafetensorsFiles files;
  private final HubArchitecture architecture;
  private final int headSize;
  private final boolean quantizes;
  private final TensorArena arena = new TensorArena();
  private final Map<String, ModelTensor> adapted = new HashMap<>();

  /**
   * Owns {@code files}.
   *
   * @param headSize rows of a head in the matrices of queries and keys
   * @param quantizes whether matrices become Q8_0 where their rows are whole blocks
   */
  AdaptedTensors(
      SafetensorsFiles files, HubArchitecture architecture, int headSize, boolean quantizes) {
    this.files = files;
    this.architecture = architecture;
    this.headSize = headSize;
    this.quantizes = quantizes;
  }

  @Override
  public Set<String> names() {
    return files.names();
  }

  @Override
  public Optional<ModelTensor> tensor(String name) {
    return files.tensor(name).map(tensor -> adapted.computeIfAbsent(name, _ -> adapt(tensor)));
  }

  private ModelTensor adapt(ModelTensor tensor) {
    boolean isVector = tensor.extents().size() == 1;
    if (isVector) {
      return vector(tensor);
    }
    ModelTensor matrix = architecture.isTransposed(tensor.name()) ? transposed(tensor) : tensor;
    if (architecture.turnsNeighbours() && isOfTurnedHeads(tensor.name())) {
      matrix = neighboursTogether(matrix);
    }
    boolean isWhole = matrix.extents().getLast() % BlockFormat.Q8_0.blockElements() == 0;
    return quantizes && isWhole ? quantized(matrix) : matrix;
  }

  private static boolean isOfTurnedHeads(String name) {
    return name.contains(".q_proj.") || name.contains(".k_proj.");
  }

  private ModelTensor vector(ModelTensor tensor) {
    float[] values = decoded(tensor);
    if (architecture.turnsNeighbours() && isOfTurnedHeads(tensor.name())) {
      float[] ordered = values.clone();
      for (int i = 0; i < values.length; i++) {
        ordered[i] = values[Math.min(values.length - 1, (int) halfApart(i))];
      }
      values = ordered;
    }
    if (architecture.storesNormsLessOne() && tensor.name().endsWith("norm.weight")) {
      for (int i = 0; i < values.length; i++) {
        values[i] += 1;
      }
    }
    return copy(tensor, tensor.extents(), values);
  }

  private static float[] decoded(ModelTensor tensor) {
    int count = Math.toIntExact(tensor.extents().stream().reduce(1L, Math::multiplyExact));
    float[] values = new float[count];
    BlockDecoder.decode(tensor.format(), tensor.data(), 0, count, values, 0);
    return values;
  }

  private ModelTensor copy(ModelTensor tensor, List<Long> extents, float[] values) {
    MemorySegment data = arena.allocateBytes((long) values.length * Float.BYTES);
    MemorySegment.copy(values, 0, data, ValueLayout.JAVA_FLOAT, 0, values.length);
    return new ModelTensor(tensor.name(), BlockFormat.F32, extents, data);
  }

  private ModelTensor transposed(ModelTensor tensor) {
    int rows = tensor.extents().get(0).intValue();
    int columns = tensor.extents().get(1).intValue();
    float[] values = decoded(tensor);
    float[] turned = new float[values.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        turned[column * rows + row] = values[row * columns + column];
      }
    }
    return copy(tensor, List.of((long) columns, (long) rows), turned);
  }

  /** Rows i and i + headSize/2 of each head turn together; they become rows 2i and 2i + 1. */
  private ModelTensor neighboursTogether(ModelTensor tensor) {
    long rowBytes = tensor.format().bytes(tensor.extents().getLast());
    MemorySegment data = arena.allocateBytes(tensor.data().byteSize());
    for (long row = 0; row < tensor.extents().getFirst(); row++) {
      long from = halfApart(row);
      if ((from + 1) * rowBytes <= data.byteSize()) {
        MemorySegment.copy(tensor.data(), from * rowBytes, data, row * rowBytes, rowBytes);
      }
    }
    return new ModelTensor(tensor.name(), tensor.format(), tensor.extents(), data);
  }

  /** The row in the file of a row whose neighbour it turns with. */
  private long halfApart(long row) {
    long element = row % headSize;
    long half = headSize / 2;
    return row - element + element / 2 + element % 2 * half;
  }

  private ModelTensor quantized(ModelTensor tensor) {
    int columns = tensor.extents().getLast().intValue();
    long rows = tensor.extents().getFirst();
    long fromBytes = tensor.format().bytes(columns);
    long toBytes = BlockFormat.Q8_0.bytes(columns);
    MemorySegment data = arena.allocateBytes(rows * toBytes);
    float[] values = new float[columns];
    for (long row = 0; row < rows; row++) {
      BlockDecoder.decode(tensor.format(), tensor.data(), row * fromBytes, columns, values, 0);
      BlockEncoder.encode(BlockFormat.Q8_0, values, 0, columns, data, row * toBytes);
    }
    return new ModelTensor(tensor.name(), BlockFormat.Q8_0, tensor.extents(), data);
  }

  /** The length of all files together. */
  long fileBytes() {
    return files.bytes();
  }

  @Override
  public void close() {
    files.close();
    arena.close();
  }
}
