package io.lockstep.runtime.grammar;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether what is generated for one schema is never valid by another. */
final class SchemaExclusion {

  private static final int MAX_DEPTH = 4;

  private final SchemaAlternatives alternatives;
  private int depth;

  SchemaExclusion(SchemaAlternatives alternatives) {
    this.alternatives = alternatives;
  }

  /** Whether no text for {@code generated} is valid by {@code other}; false if in doubt. */
  boolean excludes(Schema generated, Schema other) {
    if (generated.hasAny("enum", "const")) {
      return generated.values().stream().noneMatch(value -> mayBe(value, other));
    }
    for (String type : SchemaCompiler.generatedTypes(generated)) {
      boolean shared =
          other.types().contains(type)
              || (type.equals("integer") && other.types().contains("number"))
              || (type.equals("number") && other.types().contains("integer"));
      if (shared && !(type.equals("object") && objectsExclude(generated, other))) {
        return false;
      }
    }
    return true;
  }

  /** Whether a value has the type of a schema, and is among its values if these are listed. */
  private static boolean mayBe(@Nullable Object value, Schema schema) {
    return schema.types().stream().anyMatch(type -> Schema.isOfType(value, type))
        && (!schema.hasAny("enum", "const")
            || schema.values().stream().anyMatch(other -> SchemaMerger.isSame(value, other)));
  }

  private boolean objectsExclude(Schema generated, Schema other) {
    Map<String, @Nullable Object> mine = generated.properties();
    Map<String, @Nullable Object> theirs = other.properties();
    Set<String> written = generated.required();
    if (SchemaObjects.isClosed(generated)) {
      for (String name : other.required()) {
        if (!mine.containsKey(name) && !written.contains(name)) {
          return true;
        }
      }
    }
    for (String name : written) {
      boolean isForbidden =
          !theirs.containsKey(name) && Boolean.FALSE.equals(other.get("additionalProperties"));
      if (isForbidden
          || (mine.containsKey(name)
              && theirs.containsKey(name)
              && membersExclude(mine.get(name), theirs.get(name)))) {
        return true;
      }
    }
    return false;
  }

  private boolean membersExclude(@Nullable Object generated, @Nullable Object other) {
    if (depth == MAX_DEPTH) {
      return false;
    }
    depth++;
    List<Schema> mine = alternatives.of(generated);
    List<Schema> theirs = alternatives.of(other);
    boolean excluded =
        mine.stream().allMatch(one -> theirs.stream().allMatch(two -> excludes(one, two)));
    depth--;
    return excluded;
  }
}
