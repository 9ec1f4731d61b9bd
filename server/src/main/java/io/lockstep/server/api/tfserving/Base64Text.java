package io.lockstep.server.api.tfserving;

import io.lockstep.server.serving.ServingException;
import java.util.Base64;

/** Bytes in JSON, as {@code {"b64": "..."}}. */
final class Base64Text {

  static final String KEY = "b64";

  private Base64Text() {}

  static byte[] decode(String text, String input) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException malformed) {
      throw ServingException.invalid("input '" + input + "' holds malformed base64");
    }
  }

  static String encode(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
