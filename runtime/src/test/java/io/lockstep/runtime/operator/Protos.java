package io.lockstep.runtime.operator;

import com.google.protobuf.ByteString;
import io.lockstep.runtime.importer.onnx.proto.OnnxModel.TensorProto;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** ONNX's tensor messages from and to tensors. */
final class Protos {

  private Protos() {}

  static Tensor tensor(TensorProto proto) {
    long[] extents = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
    TensorType type = new TensorType(DType.ofOnnx(proto.getDataType()), Shape.ofLongs(extents));
    Tensor tensor = Tensors.zeros(type);
    for (int i = 0; i < tensor.size(); i++) {
      if (type.dtype() == DType.STRING) {
        tensor.strings()[i] = proto.getStringData(i).toByteArray();
      } else if (proto.getFloatDataCount() > 0) {
        tensor.setFromDouble(i, proto.getFloatData(i));
      } else if (proto.getDoubleDataCount() > 0) {
        tensor.setFromDouble(i, proto.getDoubleData(i));
      } else if (proto.getInt64DataCount() > 0) {
        tensor.setFromLong(i, proto.getInt64Data(i));
      } else if (proto.getUint64DataCount() > 0) {
        tensor.setFromLong(i, proto.getUint64Data(i));
      } else if (proto.getInt32DataCount() > 0 && type.dtype().bytes() == 2) {
        tensor.setShort(i, (short) proto.getInt32Data(i));
      } else if (proto.getInt32DataCount() > 0) {
        tensor.setFromLong(i, proto.getInt32Data(i));
      }
    }
    if (!proto.getRawData().isEmpty()) {
      tensor.segment().copyFrom(MemorySegment.ofArray(proto.getRawData().toByteArray()));
    }
    return tensor;
  }

  static TensorProto proto(String name, Tensor tensor) {
    TensorProto.Builder proto =
        TensorProto.newBuilder().setName(name).setDataType(tensor.dtype().onnxCode());
    for (int extent : tensor.shape().toArray()) {
      proto.addDims(extent);
    }
    if (tensor.dtype() == DType.STRING) {
      for (byte[] text : tensor.strings()) {
        proto.addStringData(ByteString.copyFrom(text));
      }
    } else {
      proto.setRawData(ByteString.copyFrom(tensor.segment().toArray(ValueLayout.JAVA_BYTE)));
    }
    return proto.build();
  }
}
