package io.lockstep.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lockstep.server.serving.ModelStatus;
import java.io.IOException;
import java.util.List;

/** The states of a model's versions as TensorFlow Serving tells them. */
public final class VersionStatusJson {

  private VersionStatusJson() {}

  /** Writes the field {@code model_version_status} into the object under way. */
  public static void write(JsonGenerator json, List<ModelStatus> versions) throws IOException {
    json.writeArrayFieldStart("model_version_status");
    for (ModelStatus version : versions) {
      json.writeStartObject();
      json.writeStringField("version", version.version());
      json.writeStringField("state", state(version));
      json.writeObjectFieldStart("status");
      boolean failed = version.state() == ModelStatus.State.FAILED;
      json.writeStringField("error_code", failed ? "UNKNOWN" : "OK");
      json.writeStringField("error_message", version.reason());
      json.writeEndObject();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static String state(ModelStatus version) {
    return switch (version.state()) {
      case LOADING -> "LOADING";
      case READY -> "AVAILABLE";
      case DRAINING -> "UNLOADING";
      case FAILED -> "END";
    };
  }
}
