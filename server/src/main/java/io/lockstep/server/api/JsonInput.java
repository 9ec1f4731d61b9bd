package io.lockstep.server.api;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a JSON body token by token, with messages that say where, what was expected and what came.
 * Every method that reads a value finds its first token current and leaves its last one so.
 */
public final class JsonInput implements AutoCloseable {

  private final JsonParser parser;

  JsonInput(JsonParser parser) {
    this.parser = parser;
  }

  public JsonParser parser() {
    return parser;
  }

  /** Moves to the body's first token, which must open an object. */
  public void startObject() throws IOException {
    if (parser.nextToken() == null) {
      throw ServingException.invalid("the body is empty; expected a JSON object");
    }
    expect(JsonToken.START_OBJECT, "the body", "an object");
  }

  /** Checks that the current token opens an object. */
  public void object(String what) {
    expect(JsonToken.START_OBJECT, what, "an object");
  }

  /** Checks that the current token opens an array. */
  public void array(String what) {
    expect(JsonToken.START_ARRAY, what, "an array");
  }

  /** Moves to the value of the object's next key, which is returned; null at the object's end. */
  public @Nullable String nextKey() throws IOException {
    JsonToken token = parser.nextToken();
    if (token != JsonToken.FIELD_NAME) {
      return null;
    }
    String key = parser.currentName();
    parser.nextToken();
    return key;
  }

  /** Moves to the array's next element; false at the array's end. */
  public boolean nextElement() throws IOException {
    return parser.nextToken() != JsonToken.END_ARRAY;
  }

  public boolean isNull() {
    return parser.currentToken() == JsonToken.VALUE_NULL;
  }

  public boolean isString() {
    return parser.currentToken() == JsonToken.VALUE_STRING;
  }

  public boolean isArray() {
    return parser.currentToken() == JsonToken.START_ARRAY;
  }

  public boolean isObject() {
    return parser.currentToken() == JsonToken.START_OBJECT;
  }

  public boolean isInteger() {
    return parser.currentToken() == JsonToken.VALUE_NUMBER_INT;
  }

  public String string(String what) throws IOException {
    expect(JsonToken.VALUE_STRING, what, "a string");
    return parser.getText();
  }

  public boolean bool(String what) {
    return switch (parser.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case null, default -> throw wrong(what, "true or false");
    };
  }

  /** An integer from {@code min} to {@code max}. */
  public long integer(String what, long min, long max) throws IOException {
    expect(JsonToken.VALUE_NUMBER_INT, what, "an integer");
    boolean fits =
        switch (parser.getNumberType()) {
          case INT, LONG -> parser.getLongValue() >= min && parser.getLongValue() <= max;
          case BIG_INTEGER, FLOAT, DOUBLE, BIG_DECIMAL -> false;
        };
    if (!fits) {
      throw ServingException.invalid(
          what + " must be " + min + " to " + max + " but is " + shortened(parser.getText()));
    }
    return parser.getLongValue();
  }

  /** A number from {@code min} to {@code max}. */
  public double number(String what, double min, double max) throws IOException {
    JsonToken token = parser.currentToken();
    if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
      throw wrong(what, "a number");
    }
    double value = parser.getDoubleValue();
    if (!(value >= min && value <= max)) {
      throw ServingException.invalid(
          what + " must be " + min + " to " + max + " but is " + shortened(parser.getText()));
    }
    return value;
  }

  /** Any value, as maps, lists, strings, numbers, booleans and null. */
  public @Nullable Object value() throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        for (String key = nextKey(); key != null; key = nextKey()) {
          object.put(key, value());
        }
        yield object;
      }
      case START_ARRAY -> {
        List<@Nullable Object> array = new ArrayList<>();
        while (nextElement()) {
          array.add(value());
        }
        yield array;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      case null, default -> throw wrong("a value", "JSON");
    };
  }

  /** Passes over the current value, whatever it is. */
  public void skip() throws IOException {
    parser.skipChildren();
  }

  /** Checks that nothing but space follows the value just read. */
  public void end() throws IOException {
    JsonToken token = parser.nextToken();
    if (token != null) {
      throw ServingException.invalid("the body goes on after its JSON: " + kind(token));
    }
  }

  /**
   * The value that reading has come to, such as {@code messages[1].role}; null at the outermost.
   */
  @Nullable String place() {
    String place = "";
    JsonStreamContext inside = parser.getParsingContext();
    for (; !inside.inRoot(); inside = inside.getParent()) {
      if (inside.inArray() && inside.hasCurrentIndex()) {
        place = "[" + inside.getCurrentIndex() + "]" + place;
      } else if (inside.inObject() && inside.hasCurrentName()) {
        place = "." + inside.getCurrentName() + place;
      }
    }
    return place.isEmpty() ? null : shortened(place.startsWith(".") ? place.substring(1) : place);
  }

  /** Says that the current value is not what was expected. */
  public ServingException wrong(String what, String expected) {
    return ServingException.invalid(
        what + " must be " + expected + " but is " + kind(parser.currentToken()));
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }

  private void expect(JsonToken token, String what, String expected) {
    if (parser.currentToken() != token) {
      throw wrong(what, expected);
    }
  }

  /** A token as people call it. */
  public static String kind(@Nullable JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT -> "an integer";
      case VALUE_NUMBER_FLOAT -> "a number with a fraction or exponent";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      case VALUE_NULL -> "null";
      case null, default -> "missing";
    };
  }

  /** A client's own words in a message, at most 80 characters of them. */
  public static String shortened(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "…";
  }
}
