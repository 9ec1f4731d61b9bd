package io.lockstep.runtime.operator;

/** An operator whose image may enter in one layout and leave in the other. */
public interface ImageTurner extends LayoutAware {

  /** The layout of the image that enters. */
  ImageLayout from();

  /** The layout of the image that leaves, and of what is added to it. */
  ImageLayout to();

  /** Whether kernels turn images on their way, which takes less than a Transpose. */
  boolean turnsImages();

  /** The same operator for other layouts. */
  ImageTurner withLayouts(ImageLayout newFrom, ImageLayout newTo);
}
