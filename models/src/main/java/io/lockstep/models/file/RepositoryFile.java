package io.lockstep.models.file;

import com.google.protobuf.ByteString;

/**
 * One file of the model repository.
 *
 * @param path where it lies below the repository's folder, parts divided by a slash
 * @param content its bytes
 */
public record RepositoryFile(String path, ByteString content) {}
