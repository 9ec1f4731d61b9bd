package io.lockstep.runtime.grammar;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.grammar.Expression.Arc;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The texts of objects. They are ways through a table: one axis is the next declared member, the
 * other the number of members so far, as far as it matters.
 */
final class SchemaObjects {

  static final String[] KEYWORDS = {
    "properties",
    "required",
    "additionalProperties",
    "minProperties",
    "maxProperties",
    "propertyNames"
  };

  private static final int MAX_STATES = 20_000;

  private final SchemaCompiler compiler;
  private final JsonRules rules;
  private final Schema schema;
  private final Map<String, @Nullable Object> members;
  private final Set<String> required;
  private final int min;
  private final int max;
  private final int counts; // members are counted up to this number

  SchemaObjects(SchemaCompiler compiler, JsonRules rules, Schema schema) {
    this.compiler = compiler;
    this.rules = rules;
    this.schema = schema;
    members = schema.properties();
    required = schema.required();
    for (String name : required) {
      members.putIfAbsent(
          name, schema.has("additionalProperties") ? schema.get("additionalProperties") : Map.of());
    }
    min = schema.count("minProperties", 0);
    max = schema.count("maxProperties", Expression.UNBOUNDED);
    counts = Math.max(Math.max(min, max), 1);
  }

  /** Whether texts have no members but the declared and the required ones. */
  static boolean isClosed(Schema schema) {
    return schema.has("additionalProperties")
        ? Boolean.FALSE.equals(schema.get("additionalProperties"))
        : schema.hasAny("properties", "required");
  }

  Expression expression() {
    List<Map.Entry<String, @Nullable Object>> declared = List.copyOf(members.entrySet());
    boolean isOpen = !isClosed(schema);
    if (min > members.size() + (isOpen ? 1 : 0)) {
      throw new InvalidInputException(
          "the schema's 'minProperties' is larger than the number of declared members, which"
              + " cannot be held to");
    }
    if ((members.size() + 2L) * (counts + 1L) > MAX_STATES) {
      throw new InvalidInputException("the schema counts too many members of an object");
    }
    int end = (declared.size() + 2) * (counts + 1);
    List<List<Arc>> arcs = new ArrayList<>();
    for (int next = 0; next < declared.size() + 2; next++) {
      for (int count = 0; count <= counts; count++) {
        List<Arc> leaving = new ArrayList<>();
        if (next < declared.size()) {
          String name = declared.get(next).getKey();
          Expression member =
              JsonRules.member(key(name), compiler.expression(declared.get(next).getValue()));
          addMember(leaving, member, count, next + 1);
          if (!required.contains(name)) {
            leaving.add(new Arc(Expression.EMPTY, state(next + 1, count)));
          }
        } else {
          if (isOpen && (next == declared.size() || count >= min)) {
            // Names may repeat, so only the first one is certain to add a member.
            addMember(leaving, additional(), count, declared.size() + 1);
          }
          if (count >= Math.min(min, counts)) {
            leaving.add(new Arc(Expression.EMPTY, end));
          }
        }
        arcs.add(leaving);
      }
    }
    arcs.add(List.of());
    return JsonRules.enclosed("{", new Expression.Automaton(arcs, end), "}");
  }

  private int state(int next, int count) {
    return next * (counts + 1) + Math.min(count, counts);
  }

  private void addMember(List<Arc> leaving, Expression member, int count, int next) {
    if (max == Expression.UNBOUNDED || count < max) {
      Expression before = count == 0 ? Expression.EMPTY : JsonRules.comma();
      leaving.add(new Arc(Expression.sequence(before, member), state(next, count + 1)));
    }
  }

  private Expression key(String name) {
    return Expression.literal(JsonRules.text(name));
  }

  /** A member that is not declared. */
  private Expression additional() {
    Expression value =
        schema.has("additionalProperties")
            ? compiler.expression(schema.get("additionalProperties"))
            : JsonRules.ANY;
    return JsonRules.member(undeclaredName(), value);
  }

  /** A string that is none of the declared names: a walk through the tree of their characters. */
  private Expression undeclaredName() {
    if (members.isEmpty() && !schema.has("propertyNames")) {
      return new Expression.Reference("string");
    }
    Expression other = OtherNames.than(members.keySet());
    return rules.string(
        schema.has("propertyNames")
            ? Intersection.of(other, compiler.contents(schema.get("propertyNames")))
            : other);
  }
}
