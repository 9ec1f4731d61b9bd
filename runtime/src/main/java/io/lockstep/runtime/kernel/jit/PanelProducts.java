package io.lockstep.runtime.kernel.jit;

/** Kernels that multiply rows with packed panels and do what follows. */
interface PanelProducts {

  /** Panels that a call for so many rows should cover at most. */
  int panelsFor(int rows);

  /**
   * Computes all rows of some panels; all slots of {@link TileSlots} that do not say otherwise are
   * set, for the first row.
   *
   * @param columns whole panels, or any number within one
   */
  void run(int rows, int columns, Parameters parameters);
}
