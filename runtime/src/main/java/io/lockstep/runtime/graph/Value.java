package io.lockstep.runtime.graph;

/** An edge of a graph: what one node produces and others consume. Equal only to itself. */
public final class Value {

  private final String name;

  public Value(String name) {
    this.name = name;
  }

  public String name() {
    return name;
  }

  @Override
  public String toString() {
    return name;
  }
}
