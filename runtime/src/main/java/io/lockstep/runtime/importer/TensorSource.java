package io.lockstep.runtime.importer;

import java.util.Optional;
import java.util.Set;

/** The tensors of a model's files. */
public interface TensorSource {

  /** The names of all tensors, in the files' order. */
  Set<String> names();

  /** The tensor of this name; vectors are F32 where the kind of file allows it. */
  Optional<ModelTensor> tensor(String name);
}
