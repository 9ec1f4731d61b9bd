package io.lockstep.server.api.v2;

import io.lockstep.server.serving.NamedTensor;
import io.lockstep.server.serving.ServingException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the body of an inference request says. */
record InferBody(
    @Nullable String id,
    Parameters parameters,
    List<NamedTensor> inputs,
    List<RequestedOutput> outputs) {

  /** The names of the outputs wanted; empty for all. */
  List<String> outputNames() {
    List<String> names = new ArrayList<>();
    for (RequestedOutput output : outputs) {
      if (names.contains(output.name())) {
        throw ServingException.invalid("output '" + output.name() + "' is asked for twice");
      }
      names.add(output.name());
    }
    return names;
  }

  /** How the output of this name is wanted. */
  RequestedOutput wanted(String name) {
    for (RequestedOutput output : outputs) {
      if (output.name().equals(name)) {
        return output;
      }
    }
    return new RequestedOutput(name, parameters.binaryDataOutput(), 0, false);
  }
}
