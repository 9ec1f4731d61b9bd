package io.lockstep.runtime.golden;

import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.Tensors;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Photographs as tensors. */
final class Pictures {

  private Pictures() {}

  static BufferedImage read(Path file) throws IOException {
    return ImageIO.read(file.toFile());
  }

  /** Float [1, 3, height, width] of (channel - mean) / deviation, channels in the order given. */
  static Tensor tensor(
      BufferedImage picture,
      int height,
      int width,
      boolean blueFirst,
      float mean,
      float deviation) {
    BufferedImage scaled = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = scaled.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.drawImage(picture, 0, 0, width, height, null);
    graphics.dispose();
    float[] values = new float[3 * height * width];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int rgb = scaled.getRGB(x, y);
        for (int channel = 0; channel < 3; channel++) {
          int shift = blueFirst ? 8 * channel : 16 - 8 * channel;
          float value = (rgb >> shift) & 0xff;
          values[(channel * height + y) * width + x] = (value - mean) / deviation;
        }
      }
    }
    return Tensors.ofFloats(Shape.of(1, 3, height, width), values);
  }
}
