package io.lockstep.runtime.importer.onnx;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.lockstep.runtime.GraphModel;
import io.lockstep.runtime.GraphSession;
import io.lockstep.runtime.ModelLoader;
import io.lockstep.runtime.RuntimeOptions;
import io.lockstep.runtime.RuntimeOptions.KernelChoice;
import io.lockstep.runtime.TensorAssert;
import io.lockstep.runtime.TestFolders;
import io.lockstep.runtime.importer.WeightFiles;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The ONNX backend suite on every backend. {@code onnx-conformance-skips.txt} lists what is left
 * out, a pattern and a reason a line; a listed case that passes fails the test, so that the list
 * stays true.
 */
class OnnxConformanceTest {

  private static final double RELATIVE = 1e-3;
  private static final double ABSOLUTE = 1e-7;

  @TestFactory
  Stream<DynamicTest> nodeCasesPassOnVectorKernels() throws IOException {
    return cases("onnx-node", KernelChoice.VECTOR);
  }

  @TestFactory
  Stream<DynamicTest> nodeCasesPassOnScalarKernels() throws IOException {
    return cases("onnx-node", KernelChoice.SCALAR);
  }

  @TestFactory
  Stream<DynamicTest> simpleCasesPass() throws IOException {
    return cases("onnx-simple", KernelChoice.VECTOR);
  }

  @TestFactory
  Stream<DynamicTest> operatorCasesPass() throws IOException {
    return cases("onnx-pytorch-operator", KernelChoice.VECTOR);
  }

  @TestFactory
  Stream<DynamicTest> convertedCasesPass() throws IOException {
    return cases("onnx-pytorch-converted", KernelChoice.VECTOR);
  }

  private static Stream<DynamicTest> cases(String suite, KernelChoice kernels) throws IOException {
    Map<String, String> skips = skips();
    List<Path> folders;
    try (Stream<Path> list = Files.list(TestFolders.testdata(suite))) {
      folders = list.filter(f -> Files.exists(f.resolve("model.onnx"))).sorted().toList();
    }
    return folders.stream()
        .map(folder ->
            DynamicTest.dynamicTest(
                folder.getFileName().toString(), () -> check(folder, kernels, skips)));
  }

  private static void check(Path folder, KernelChoice kernels, Map<String, String> skips)
      throws IOException {
    String name = folder.getFileName().toString();
    String reason =
        skips.entrySet().stream()
            .filter(skip -> name.matches(skip.getKey()))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElse(null);
    if (reason == null) {
      run(folder, kernels);
      return;
    }
    try {
      run(folder, kernels);
    } catch (RuntimeException | AssertionError | IOException e) {
      return;
    }
    fail(name + " passes; take it off the list, where it says: " + reason);
  }

  private static void run(Path folder, KernelChoice kernels) throws IOException {
    RuntimeOptions options = RuntimeOptions.defaults().withKernels(kernels);
    try (WeightFiles data = new WeightFiles();
        GraphModel model = ModelLoader.load(folder.resolve("model.onnx"), options);
        GraphSession session = model.newSession()) {
      int sets = 0;
      for (int set = 0; Files.exists(folder.resolve("test_data_set_" + set)); set++, sets++) {
        runSet(folder.resolve("test_data_set_" + set), model, session, data);
      }
      assertTrue(sets > 0, "no data set in " + folder.getFileName());
    }
  }

  private static void runSet(Path set, GraphModel model, GraphSession session, WeightFiles data)
      throws IOException {
    List<Tensor> inputs = new ArrayList<>();
    for (int i = 0; Files.exists(set.resolve("input_" + i + ".pb")); i++) {
      inputs.add(ProtoTensors.read(set.resolve("input_" + i + ".pb"), data));
    }
    List<Shape> shapes = inputs.stream().map(Tensor::shape).toList();
    GraphSession.Binding binding = session.bind(shapes);
    for (int i = 0; i < inputs.size(); i++) {
      binding.input(i).copyFrom(inputs.get(i));
    }
    binding.run(1, null);
    for (int i = 0; i < model.signature().outputs().size(); i++) {
      Tensor expected = ProtoTensors.read(set.resolve("output_" + i + ".pb"), data);
      TensorAssert.assertClose(
          expected,
          binding.output(i),
          RELATIVE,
          ABSOLUTE,
          model.signature().outputs().get(i).name());
    }
  }

  private static Map<String, String> skips() throws IOException {
    Map<String, String> skips = new LinkedHashMap<>();
    try (InputStream in =
        OnnxConformanceTest.class.getResourceAsStream("/onnx-conformance-skips.txt")) {
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        if (!line.isBlank() && !line.startsWith("#")) {
          String[] parts = line.split("\\s+", 2);
          skips.put(parts[0], parts[1]);
        }
      }
    }
    return skips;
  }
}
