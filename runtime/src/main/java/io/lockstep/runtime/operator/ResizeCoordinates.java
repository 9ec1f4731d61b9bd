package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.UnsupportedModelException;

/**
 * How ONNX Resize maps an output index back to a coordinate of the input, in float as elsewhere.
 */
enum ResizeCoordinates {
  HALF_PIXEL,
  HALF_PIXEL_SYMMETRIC,
  PYTORCH_HALF_PIXEL,
  ALIGN_CORNERS,
  ASYMMETRIC,
  TF_HALF_PIXEL_FOR_NN,
  TF_CROP_AND_RESIZE;

  static ResizeCoordinates of(String name) {
    return switch (name) {
      case "half_pixel" -> HALF_PIXEL;
      case "half_pixel_symmetric" -> HALF_PIXEL_SYMMETRIC;
      case "pytorch_half_pixel" -> PYTORCH_HALF_PIXEL;
      case "align_corners" -> ALIGN_CORNERS;
      case "asymmetric" -> ASYMMETRIC;
      case "tf_half_pixel_for_nn" -> TF_HALF_PIXEL_FOR_NN;
      case "tf_crop_and_resize" -> TF_CROP_AND_RESIZE;
      default ->
          throw new UnsupportedModelException(
              "Resize: coordinate_transformation_mode " + name + " is unknown");
    };
  }

  /**
   * The input coordinate of output index {@code x}.
   *
   * @param scale output extent by input extent, as given or as inferred
   * @param length the output extent before it was rounded down: input times scale
   * @param roiStart where the region of interest begins, as a fraction of the input
   * @param roiEnd where it ends
   */
  float original(int x, float scale, int input, float length, float roiStart, float roiEnd) {
    return switch (this) {
      case HALF_PIXEL -> (x + 0.5f) / scale - 0.5f;
      case HALF_PIXEL_SYMMETRIC -> {
        float adjustment = (float) Math.floor(length) / (scale * input);
        float offset = input / 2f * (1 - adjustment);
        yield offset + (x + 0.5f) / scale - 0.5f;
      }
      case PYTORCH_HALF_PIXEL -> length > 1 ? (x + 0.5f) / scale - 0.5f : 0;
      case ALIGN_CORNERS -> length == 1 ? 0 : x * (input - 1) / (length - 1);
      case ASYMMETRIC -> x / scale;
      case TF_HALF_PIXEL_FOR_NN -> (x + 0.5f) / scale;
      case TF_CROP_AND_RESIZE ->
          length > 1
              ? roiStart * (input - 1) + x * (roiEnd - roiStart) * (input - 1) / (length - 1)
              : 0.5f * (roiStart + roiEnd) * (input - 1);
    };
  }
}
