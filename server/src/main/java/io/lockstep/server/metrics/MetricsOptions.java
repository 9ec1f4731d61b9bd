package io.lockstep.server.metrics;

/**
 * What is measured and under which names it is scraped as well.
 *
 * @param enabled whether anything is recorded at all
 * @param tritonNames whether the scrape has Triton's names, too
 * @param vllmNames whether the scrape has vLLM's names, too
 */
public record MetricsOptions(boolean enabled, boolean tritonNames, boolean vllmNames) {

  public static final MetricsOptions DEFAULTS = new MetricsOptions(true, false, false);
}
