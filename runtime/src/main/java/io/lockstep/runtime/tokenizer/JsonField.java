package io.lockstep.runtime.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.runtime.error.InvalidModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;

/**
 * A value of tokenizer.json together with its place, so that a refusal can name it.
 *
 * @param node never a Java null; absent fields are missing nodes
 * @param path for example {@code model.vocab}; empty for the whole document
 */
record JsonField(JsonNode node, String path) {

  /** The member {@code name}; absent when this is no object or has no such member. */
  JsonField get(String name) {
    return new JsonField(node.path(name), path.isEmpty() ? name : path + "." + name);
  }

  /** Whether the value is missing or null. */
  boolean isAbsent() {
    return node.isMissingNode() || node.isNull();
  }

  String text() {
    if (!node.isTextual()) {
      throw expected("a string");
    }
    return node.textValue();
  }

  String textOr(String fallback) {
    return isAbsent() ? fallback : text();
  }

  int integer() {
    if (!node.isIntegralNumber() || !node.canConvertToInt()) {
      throw expected("a whole number");
    }
    return node.intValue();
  }

  int integerOr(int fallback) {
    return isAbsent() ? fallback : integer();
  }

  double number() {
    if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
      throw expected("a number");
    }
    return node.doubleValue();
  }

  boolean flagOr(boolean fallback) {
    if (isAbsent()) {
      return fallback;
    }
    if (!node.isBoolean()) {
      throw expected("true or false");
    }
    return node.booleanValue();
  }

  /** The elements of an array; none when absent. */
  List<JsonField> elements() {
    if (isAbsent()) {
      return List.of();
    }
    if (!node.isArray()) {
      throw expected("an array");
    }
    List<JsonField> elements = new ArrayList<>(node.size());
    for (int i = 0; i < node.size(); i++) {
      elements.add(new JsonField(node.get(i), path + "[" + i + "]"));
    }
    return elements;
  }

  /** Calls {@code action} with every member of an object, in the order of the file. */
  void forEachMember(BiConsumer<String, JsonField> action) {
    if (!node.isObject()) {
      throw expected("an object");
    }
    node.properties().forEach(member -> action.accept(member.getKey(), get(member.getKey())));
  }

  InvalidModelException expected(String what) {
    return new InvalidModelException(
        "tokenizer.json: %s should be %s but is %s"
            .formatted(
                path.isEmpty() ? "the document" : path,
                what,
                node.isMissingNode()
                    ? "missing"
                    : node.getNodeType().name().toLowerCase(Locale.ROOT)));
  }
}
