package io.lockstep.server.api.v2;

import io.lockstep.server.api.JsonInput;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.SequenceControl;
import io.lockstep.server.serving.SequenceId;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** The parameters of a request, an input or an output that mean something here. */
final class Parameters {

  private int priority;
  private Duration timeout = Duration.ZERO;
  private boolean binaryDataOutput;
  private @Nullable Boolean binaryData;
  private long binaryDataSize = -1;
  private int classification;
  private @Nullable SequenceId sequenceId;
  private boolean sequenceStart;
  private boolean sequenceEnd;

  /** The scheduling level, 0 for the default. */
  int priority() {
    return priority;
  }

  /** How long the answer may take; zero when the request does not say. */
  Duration timeout() {
    return timeout;
  }

  /** Whether outputs that say nothing themselves are wanted in binary. */
  boolean binaryDataOutput() {
    return binaryDataOutput;
  }

  /** Whether this output is wanted in binary; null when it says nothing. */
  @Nullable Boolean binaryData() {
    return binaryData;
  }

  /** Bytes of this input behind the JSON, or -1 when its elements are in the JSON. */
  long binaryDataSize() {
    return binaryDataSize;
  }

  /** How many classes are wanted of this output; 0 for its elements. */
  int classification() {
    return classification;
  }

  /** The sequence that the request is a step of; null for none. */
  @Nullable SequenceControl sequence() {
    SequenceId id = sequenceId;
    if (id == null && (sequenceStart || sequenceEnd)) {
      throw ServingException.invalid(
          "sequence_start and sequence_end need a sequence_id that is not 0 or empty");
    }
    return id == null ? null : new SequenceControl(id, sequenceStart, sequenceEnd);
  }

  /** Those of a request that wants everything in binary. */
  static Parameters binaryOutputs() {
    Parameters parameters = new Parameters();
    parameters.binaryDataOutput = true;
    return parameters;
  }

  /** Reads the object that {@code json} has come to; unknown parameters mean nothing. */
  static Parameters read(JsonInput json, String what) throws IOException {
    Parameters parameters = new Parameters();
    if (json.isNull()) {
      return parameters;
    }
    json.object(what);
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      parameters.read(key, json, what + "." + key);
    }
    return parameters;
  }

  private void read(String key, JsonInput json, String what) throws IOException {
    switch (key) {
      case "priority" -> priority = (int) json.integer(what, 0, Integer.MAX_VALUE);
      case "timeout" ->
          timeout = Duration.of(json.integer(what, 0, Long.MAX_VALUE), ChronoUnit.MICROS);
      case "binary_data_output" -> binaryDataOutput = json.bool(what);
      case "binary_data" -> binaryData = json.bool(what);
      case "binary_data_size" -> binaryDataSize = json.integer(what, 0, Integer.MAX_VALUE);
      case "classification" -> classification = (int) json.integer(what, 1, Integer.MAX_VALUE);
      case "sequence_id" -> sequenceId = sequenceId(json, what);
      case "sequence_start" -> sequenceStart = json.bool(what);
      case "sequence_end" -> sequenceEnd = json.bool(what);
      case "shared_memory_region", "shared_memory_offset", "shared_memory_byte_size" ->
          throw unsupported("shared memory (" + what + ")");
      default -> {
        if (json.isObject() || json.isArray()) {
          throw json.wrong(what, "a string, number or boolean");
        }
      }
    }
  }

  /** Zero and the empty string mean that the request belongs to no sequence. */
  private static @Nullable SequenceId sequenceId(JsonInput json, String what) throws IOException {
    if (json.isString()) {
      String text = json.string(what);
      if (text.length() > SequenceId.MAX_LENGTH) {
        throw ServingException.invalid(
            what + " has more than " + SequenceId.MAX_LENGTH + " characters");
      }
      return text.isEmpty() ? null : SequenceId.of(text);
    }
    String digits = json.isInteger() ? json.parser().getText() : "";
    try {
      long number = Long.parseUnsignedLong(digits);
      return number == 0 ? null : SequenceId.of(number);
    } catch (NumberFormatException notUnsigned) {
      throw json.wrong(what, "a string or a whole number from 0 to 18446744073709551615");
    }
  }

  private static ServingException unsupported(String thing) {
    return new ServingException(ErrorCode.UNSUPPORTED, thing + " are not supported");
  }
}
