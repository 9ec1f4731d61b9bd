package io.lockstep.server.api.tfserving;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lockstep.runtime.TensorSpec;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.server.serving.ModelDescription;
import java.io.IOException;
import java.util.List;

/** A model's signature in the JSON form of TensorFlow's SignatureDef. */
final class SignatureJson {

  private SignatureJson() {}

  static void write(JsonGenerator json, ModelDescription model) throws IOException {
    json.writeStartObject();
    json.writeObjectFieldStart("model_spec");
    json.writeStringField("name", model.name());
    json.writeStringField("signature_name", "");
    json.writeStringField("version", model.version());
    json.writeEndObject();
    json.writeObjectFieldStart("metadata");
    // Twice: the outer one is the key of the metadata, the inner one the message's only field.
    json.writeObjectFieldStart("signature_def");
    json.writeObjectFieldStart("signature_def");
    json.writeObjectFieldStart(PredictBody.SIGNATURE);
    write(json, "inputs", model.signature().inputs());
    write(json, "outputs", model.signature().outputs());
    json.writeStringField("method_name", "tensorflow/serving/predict");
    json.writeEndObject();
    json.writeEndObject();
    json.writeEndObject();
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, String key, List<TensorSpec> specs)
      throws IOException {
    json.writeObjectFieldStart(key);
    for (TensorSpec spec : specs) {
      json.writeObjectFieldStart(spec.name());
      json.writeStringField("dtype", typeName(spec.dtype()));
      json.writeObjectFieldStart("tensor_shape");
      json.writeArrayFieldStart("dim");
      for (long extent : spec.extents()) {
        json.writeStartObject();
        // 64-bit integers are strings in the JSON form of protocol buffers.
        json.writeStringField("size", Long.toString(extent));
        json.writeStringField("name", "");
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeBooleanField("unknown_rank", false);
      json.writeEndObject();
      json.writeStringField("name", spec.name());
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private static String typeName(DType dtype) {
    return switch (dtype) {
      case FLOAT16 -> "DT_HALF";
      case BFLOAT16 -> "DT_BFLOAT16";
      case FLOAT32 -> "DT_FLOAT";
      case FLOAT64 -> "DT_DOUBLE";
      case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, STRING ->
          "DT_" + dtype.name();
    };
  }
}
