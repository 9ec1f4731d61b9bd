package io.lockstep.server.serving;

/**
 * Whose request it is, for sharing a model fairly.
 *
 * @param name the same for all requests that share
 * @param weight how many shares it has, at least 1
 */
public record Tenant(String name, int weight) {

  /** Of requests that say nothing of whose they are. */
  public static final Tenant ANONYMOUS = new Tenant("", 1);

  public Tenant {
    if (weight < 1) {
      throw new IllegalArgumentException("a weight must be at least 1 but is " + weight);
    }
  }
}
