package io.lockstep.models.file;

import java.util.List;

/** A named constant of an ONNX node: an {@code AttributeProto}. */
public final class Attribute {
  // Field numbers of AttributeProto, and the values of its enum AttributeType, in onnx.proto.
  private static final int NAME = 1;
  private static final int INTEGER = 3;
  private static final int STRING = 4;
  private static final int FLOATS = 7;
  private static final int INTEGERS = 8;
  private static final int STRINGS = 9;
  private static final int TYPE = 20;
  private static final int TYPE_INT = 2;
  private static final int TYPE_STRING = 3;
  private static final int TYPE_FLOATS = 6;
  private static final int TYPE_INTS = 7;
  private static final int TYPE_STRINGS = 8;

  private final ProtoMessage message;

  private Attribute(String name, int type) {
    this.message = new ProtoMessage().text(NAME, name).integer(TYPE, type);
  }

  public static Attribute of(String name, long value) {
    var attribute = new Attribute(name, TYPE_INT);
    attribute.message.integer(INTEGER, value);
    return attribute;
  }

  public static Attribute of(String name, String value) {
    var attribute = new Attribute(name, TYPE_STRING);
    attribute.message.text(STRING, value);
    return attribute;
  }

  public static Attribute floats(String name, List<Float> values) {
    var attribute = new Attribute(name, TYPE_FLOATS);
    values.forEach(value -> attribute.message.real(FLOATS, value));
    return attribute;
  }

  public static Attribute integers(String name, List<Integer> values) {
    var attribute = new Attribute(name, TYPE_INTS);
    values.forEach(value -> attribute.message.integer(INTEGERS, value));
    return attribute;
  }

  public static Attribute strings(String name, List<String> values) {
    var attribute = new Attribute(name, TYPE_STRINGS);
    values.forEach(value -> attribute.message.text(STRINGS, value));
    return attribute;
  }

  ProtoMessage message() {
    return message;
  }
}
