package io.lockstep.models.file;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;

/**
 * A protocol-buffer message under construction, addressed by field numbers. Fields are written in
 * ascending order of their number, repeated ones in the order of the calls, so equal messages give
 * equal bytes.
 */
final class ProtoMessage {
  private final UnknownFieldSet.Builder fields = UnknownFieldSet.newBuilder();

  ProtoMessage integer(int field, long value) {
    fields.mergeField(field, Field.newBuilder().addVarint(value).build());
    return this;
  }

  ProtoMessage real(int field, float value) {
    fields.mergeField(field, Field.newBuilder().addFixed32(Float.floatToRawIntBits(value)).build());
    return this;
  }

  ProtoMessage text(int field, String value) {
    return bytes(field, ByteString.copyFromUtf8(value));
  }

  ProtoMessage message(int field, ProtoMessage value) {
    return bytes(field, value.toByteString());
  }

  ProtoMessage bytes(int field, ByteString value) {
    fields.mergeField(field, Field.newBuilder().addLengthDelimited(value).build());
    return this;
  }

  ByteString toByteString() {
    return fields.build().toByteString();
  }
}
