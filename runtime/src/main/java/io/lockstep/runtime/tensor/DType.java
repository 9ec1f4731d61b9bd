package io.lockstep.runtime.tensor;

import io.lockstep.runtime.error.UnsupportedModelException;

/** The type of a tensor's elements. Multi-byte elements are little-endian. */
public enum DType {
  BOOL(9, 1),
  UINT8(2, 1),
  INT8(3, 1),
  UINT16(4, 2),
  INT16(5, 2),
  UINT32(12, 4),
  INT32(6, 4),
  UINT64(13, 8),
  INT64(7, 8),
  FLOAT16(10, 2),
  BFLOAT16(16, 2),
  FLOAT32(1, 4),
  FLOAT64(11, 8),
  /** UTF-8 text or arbitrary bytes, one array an element. */
  STRING(8, 0);

  private final int onnxCode;
  private final int bytes;

  DType(int onnxCode, int bytes) {
    this.onnxCode = onnxCode;
    this.bytes = bytes;
  }

  /** The number of ONNX's {@code TensorProto.DataType}. */
  public int onnxCode() {
    return onnxCode;
  }

  /** Bytes an element takes in native memory; 0 for {@link #STRING}. */
  public int bytes() {
    return bytes;
  }

  public boolean isFloat() {
    return this == FLOAT16 || this == BFLOAT16 || this == FLOAT32 || this == FLOAT64;
  }

  /** Whether this is an integer type; {@link #BOOL} is none. */
  public boolean isInteger() {
    return bytes > 0 && this != BOOL && !isFloat();
  }

  public boolean isUnsigned() {
    return this == UINT8 || this == UINT16 || this == UINT32 || this == UINT64;
  }

  /** The type with this number in ONNX's {@code TensorProto.DataType}. */
  public static DType ofOnnx(int code) {
    for (DType type : values()) {
      if (type.onnxCode == code) {
        return type;
      }
    }
    throw new UnsupportedModelException("ONNX data type " + code + " is not supported");
  }
}
