package io.lockstep.runtime.importer.onnx;

import com.google.protobuf.ByteString;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.importer.WeightFiles;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.SparseTensorProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.StringStringEntryProto;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TensorProto;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** Turns {@code TensorProto} into tensors: bytes in the file, typed fields, or a file beside it. */
final class OnnxTensors {

  /** Repeated fields and folded sparse tensors are bounded before memory is taken. */
  private static final long MAX_ELEMENTS = 1L << 31;

  private final Path file;
  private final WeightFiles weights;

  /**
   * Reads tensors of one model.
   *
   * @param file the model file, in which {@link LeanCopy} has left the large ones
   * @param weights becomes the owner of the tensors
   */
  OnnxTensors(Path file, WeightFiles weights) {
    this.file = file;
    this.weights = weights;
  }

  Tensor read(TensorProto proto) {
    Shape shape = shape(proto.getDimsList(), proto.getName());
    TensorType type = new TensorType(DType.ofOnnx(proto.getDataType()), shape);
    if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      return external(proto, type);
    }
    if (proto.getExternalDataCount() == 1
        && proto.getExternalData(0).getKey().equals(LeanCopy.PLACE_KEY)) {
      return inPlace(proto, type);
    }
    if (proto.hasRawData()) {
      return raw(proto, type);
    }
    return weights.copy(fromFields(proto, type));
  }

  /** A sparse constant, made dense. */
  Tensor readSparse(SparseTensorProto proto) {
    Shape shape = shape(proto.getDimsList(), proto.getValues().getName());
    Tensor values = read(proto.getValues());
    Tensor indices = read(proto.getIndices());
    Tensor dense = weights.copies().allocate(new TensorType(values.dtype(), shape));
    long[] strides = shape.strides();
    boolean linear = indices.shape().rank() == 1;
    for (int i = 0; i < values.size(); i++) {
      long position = linear ? indices.asLong(i) : 0;
      for (int axis = 0; !linear && axis < shape.rank(); axis++) {
        position += indices.asLong((long) i * shape.rank() + axis) * strides[axis];
      }
      if (position < 0 || position >= shape.size()) {
        throw new InvalidModelException("a sparse tensor has an index outside shape " + shape);
      }
      int width = values.dtype().bytes();
      MemorySegment.copy(
          values.segment(), (long) i * width, dense.segment(), position * width, width);
    }
    return dense;
  }

  private static Shape shape(java.util.List<Long> dims, String name) {
    long size = 1;
    long[] extents = new long[dims.size()];
    for (int i = 0; i < extents.length; i++) {
      extents[i] = dims.get(i);
      if (extents[i] < 0
          || extents[i] > Integer.MAX_VALUE
          || (extents[i] != 0 && size > MAX_ELEMENTS / extents[i])) {
        throw new InvalidModelException("tensor '" + name + "' has the impossible shape " + dims);
      }
      size *= extents[i];
    }
    return Shape.ofLongs(extents);
  }

  /** Elements that {@link LeanCopy} has left in the file. */
  private Tensor inPlace(TensorProto proto, TensorType type) {
    String place = proto.getExternalData(0).getValue();
    int plus = place.indexOf('+');
    checkBytes(proto, type, Long.parseLong(place, plus + 1, place.length(), 10));
    return weights.load(type, file, Long.parseLong(place, 0, plus, 10));
  }

  private static void checkBytes(TensorProto proto, TensorType type, long bytes) {
    if (type.dtype() == DType.STRING || bytes != type.bytes()) {
      throw new InvalidModelException(
          "tensor '%s' of type %s has %d bytes of data but needs %d"
              .formatted(proto.getName(), type, bytes, type.bytes()));
    }
  }

  private Tensor raw(TensorProto proto, TensorType type) {
    ByteString bytes = proto.getRawData();
    checkBytes(proto, type, bytes.size());
    if (bytes.isEmpty()) {
      return weights.copies().allocate(type);
    }
    MemorySegment elements = MemorySegment.ofBuffer(bytes.asReadOnlyByteBuffer());
    return weights.copy(Tensor.of(type, elements));
  }

  private Tensor external(TensorProto proto, TensorType type) {
    String location = null;
    long offset = 0;
    long length = -1;
    try {
      for (StringStringEntryProto entry : proto.getExternalDataList()) {
        switch (entry.getKey()) {
          case "location" -> location = entry.getValue();
          case "offset" -> offset = Long.parseLong(entry.getValue());
          case "length" -> length = Long.parseLong(entry.getValue());
          default -> {}
        }
      }
    } catch (NumberFormatException e) {
      throw new InvalidModelException(
          "tensor '" + proto.getName() + "' has a bad offset or length of external data", e);
    }
    if (location == null || type.dtype() == DType.STRING) {
      throw new InvalidModelException(
          "tensor '" + proto.getName() + "' names no external data that it could hold");
    }
    if (length >= 0 && length != type.bytes()) {
      throw new InvalidModelException(
          "tensor '%s' of type %s has %d bytes of external data but needs %d"
              .formatted(proto.getName(), type, length, type.bytes()));
    }
    return weights.load(type, insideFolder(location, proto.getName()), offset);
  }

  /** The file that {@code location} names, which must be a regular file in the model's folder. */
  private Path insideFolder(String location, String tensor) {
    InvalidModelException outside =
        new InvalidModelException(
            "tensor '" + tensor + "' names external data that is not a file in the model's folder");
    try {
      Path folder = file.toRealPath().resolveSibling("").toRealPath();
      Path wanted = folder.resolve(location).normalize();
      if (Path.of(location).isAbsolute() || !wanted.startsWith(folder)) {
        throw outside;
      }
      Path real = wanted.toRealPath();
      if (!real.startsWith(folder) || !Files.isRegularFile(real)) {
        throw outside;
      }
      return real;
    } catch (IOException | java.nio.file.InvalidPathException e) {
      outside.addSuppressed(e);
      throw outside;
    }
  }

  /** Elements from the typed repeated fields; {@code int32_data} holds all narrow types. */
  private static Tensor fromFields(TensorProto proto, TensorType type) {
    int count = fieldCount(proto, type.dtype());
    if (count != type.shape().size()) {
      throw new InvalidModelException(
          "tensor '%s' of type %s has %d elements of data but needs %d"
              .formatted(proto.getName(), type, count, type.shape().size()));
    }
    Tensor tensor = Tensors.zeros(type);
    for (int i = 0; i < count; i++) {
      switch (type.dtype()) {
        case FLOAT32 -> tensor.setFloat(i, proto.getFloatData(i));
        case FLOAT64 -> tensor.setDouble(i, proto.getDoubleData(i));
        case INT64 -> tensor.setLong(i, proto.getInt64Data(i));
        case UINT64, UINT32 -> tensor.setFromLong(i, proto.getUint64Data(i));
        case STRING -> tensor.strings()[i] = proto.getStringData(i).toByteArray();
        case FLOAT16, BFLOAT16 -> tensor.setShort(i, (short) proto.getInt32Data(i));
        case BOOL, UINT8, INT8, UINT16, INT16, INT32 ->
            tensor.setFromLong(i, proto.getInt32Data(i));
      }
    }
    return tensor;
  }

  private static int fieldCount(TensorProto proto, DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> proto.getFloatDataCount();
      case FLOAT64 -> proto.getDoubleDataCount();
      case INT64 -> proto.getInt64DataCount();
      case UINT64, UINT32 -> proto.getUint64DataCount();
      case STRING -> proto.getStringDataCount();
      case FLOAT16, BFLOAT16, BOOL, UINT8, INT8, UINT16, INT16, INT32 -> proto.getInt32DataCount();
    };
  }

  /** Names an element type that ONNX knows, for messages about what is not supported. */
  static UnsupportedModelException notATensor(String name) {
    return new UnsupportedModelException(
        "'" + name + "' is a sequence, a map or an optional value; only tensors are supported");
  }
}
