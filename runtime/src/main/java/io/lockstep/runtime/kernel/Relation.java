package io.lockstep.runtime.kernel;

/** What is asked of two elements. A NaN stands in no relation. */
public enum Relation {
  EQUAL,
  GREATER,
  LESS,
  GREATER_OR_EQUAL,
  LESS_OR_EQUAL;

  public boolean holds(double x, double y) {
    return switch (this) {
      case EQUAL -> x == y;
      case GREATER -> x > y;
      case LESS -> x < y;
      case GREATER_OR_EQUAL -> x >= y;
      case LESS_OR_EQUAL -> x <= y;
    };
  }

  /** Whether it holds for elements that compare as {@code sign} says. */
  public boolean holds(int sign) {
    return switch (this) {
      case EQUAL -> sign == 0;
      case GREATER -> sign > 0;
      case LESS -> sign < 0;
      case GREATER_OR_EQUAL -> sign >= 0;
      case LESS_OR_EQUAL -> sign <= 0;
    };
  }
}
