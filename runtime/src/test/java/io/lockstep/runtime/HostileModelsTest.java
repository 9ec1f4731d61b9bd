package io.lockstep.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.error.ModelException;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Damaged model files: whatever is in them, a sentence says what is wrong and nothing stays. */
final class HostileModelsTest {

  /** Small enough that a run that ignores it shows, large enough for every model used here. */
  private static final RuntimeOptions OPTIONS =
      new RuntimeOptions(RuntimeOptions.KernelChoice.AUTO, ComputePool.CALLER, 4, 64L << 20);

  /** What a small damaged model may hold: a few tensors of the largest size that is allowed. */
  private static final long MOST_BYTES = 512L << 20;

  /** Official operator cases that between them use subgraphs, text, constants and large shapes. */
  private static final List<String> CASES =
      List.of(
          "test_basic_conv_with_padding",
          "test_gru_defaults",
          "test_if",
          "test_loop11",
          "test_scan9_sum",
          "test_quantizelinear_axis",
          "test_matmulinteger",
          "test_constantofshape_float_ones",
          "test_reshape_allowzero_reordered",
          "test_slice",
          "test_resize_upsample_scales_nearest",
          "test_nonmaxsuppression_two_classes",
          "test_softmax_axis_1",
          "test_strnormalizer_nostopwords_nochangecase",
          "test_einsum_batch_matmul",
          "test_tile");

  @TempDir Path folder;

  @Test
  @Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void mutatedFilesAreRefusedOrRunAndLeaveNothing() {
    List<byte[]> files = originals();
    int[] counts = new int[3]; // loaded and run, refused at load, refused at run
    Seeds.forAll(
        600,
        random -> {
          byte[] file = ModelMutations.mutated(random, files.get(random.nextInt(files.size())));
          counts[loadAndRun(file)]++;
        });
    System.out.printf(
        "%d mutated models: %d ran, %d refused at load, %d refused at run%n",
        Arrays.stream(counts).sum(), counts[0], counts[1], counts[2]);
  }

  /** What a file leads to: 0 it ran, 1 it was refused, 2 its run was refused. */
  private int loadAndRun(byte[] file) {
    Path path = folder.resolve("hostile.onnx");
    try {
      Files.write(path, file);
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
    long before = mappedBytes();
    int outcome = 0;
    try (GraphModel model = ModelLoader.load(path, OPTIONS)) {
      outcome = 2;
      runOnZeros(model);
      assertTrue(model.memory().total() <= MOST_BYTES, model.memory()::toString);
      outcome = 0;
    } catch (ModelException refused) {
      assertTrue(refused.getMessage() != null && !refused.getMessage().isBlank());
      outcome = outcome == 2 ? 2 : 1;
    }
    assertEquals(before, mappedBytes(), "bytes of files still mapped after the model was closed");
    return outcome;
  }

  private static void runOnZeros(GraphModel model) {
    List<Shape> shapes = new ArrayList<>();
    for (TensorSpec input : model.signature().inputs()) {
      long[] extents =
          input.dimensions().stream()
              .mapToLong(dimension -> dimension.isFixed() ? dimension.extent() : 1)
              .toArray();
      shapes.add(Shape.ofLongs(extents));
    }
    try (GraphSession session = model.newSession()) {
      GraphSession.Binding binding = session.bind(shapes);
      for (int i = 0; i < shapes.size(); i++) {
        Tensor input = binding.input(i);
        if (input.dtype() == DType.STRING) {
          Arrays.fill(input.strings(), new byte[0]);
        } else {
          input.segment().fill((byte) 0);
        }
      }
      binding.run(1, null);
    }
  }

  /** Bytes of files that the whole process has mapped now. */
  private static long mappedBytes() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("mapped"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  private static List<byte[]> originals() {
    List<Path> paths = new ArrayList<>();
    paths.add(TestFolders.testdata("mnist/mnist-8.onnx"));
    Path builtIn = TestFolders.models("repository");
    paths.add(builtIn.resolve("delivery-time/1/model.onnx"));
    for (String name : CASES) {
      paths.add(TestFolders.testdata("onnx-node/" + name).resolve("model.onnx"));
    }
    List<byte[]> files = new ArrayList<>();
    try {
      for (Path path : paths) {
        files.add(Files.readAllBytes(path));
      }
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
    return files;
  }
}
