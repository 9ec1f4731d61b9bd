package io.lockstep.runtime.operator;

import static io.lockstep.runtime.operator.OnnxRuntimeReference.assertAgrees;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.onnxruntime.OrtException;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The operators of ai.onnx.ml against ONNX Runtime. */
final class MlOperatorsTest {

  private static final int FEATURES = 3;

  private final Random random = new Random(7);

  private Tensor features(int rows) {
    Tensor x = Tensors.zeros(TensorType.of(DType.FLOAT32, rows, FEATURES));
    for (int i = 0; i < x.size(); i++) {
      x.setFloat(i, (float) random.nextGaussian());
    }
    return x;
  }

  private float[] gaussians(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Two trees of three inner nodes and four leaves each; every leaf votes once. */
  private Attributes trees(String operator, String votes, long[] targets, boolean positive) {
    int trees = 2;
    int nodes = 7;
    long[] treeIds = new long[trees * nodes];
    long[] nodeIds = new long[trees * nodes];
    long[] featureIds = new long[trees * nodes];
    long[] whenTrue = new long[trees * nodes];
    long[] whenFalse = new long[trees * nodes];
    long[] missing = new long[trees * nodes];
    String[] modes = new String[trees * nodes];
    String[] branches = {"BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT"};
    long[] voterTrees = new long[trees * 4];
    long[] voterNodes = new long[trees * 4];
    float[] weights = gaussians(trees * 4);
    for (int i = 0; i < trees * nodes; i++) {
      int node = i % nodes;
      treeIds[i] = i / nodes;
      nodeIds[i] = node;
      featureIds[i] = node < 3 ? random.nextInt(FEATURES) : 0;
      modes[i] = node < 3 ? branches[random.nextInt(4)] : "LEAF";
      whenTrue[i] = node < 3 ? 2 * node + 1 : 0;
      whenFalse[i] = node < 3 ? 2 * node + 2 : 0;
      missing[i] = node < 3 ? random.nextInt(2) : 0;
      if (node >= 3) {
        voterTrees[i / nodes * 4 + node - 3] = i / nodes;
        voterNodes[i / nodes * 4 + node - 3] = node;
      }
    }
    for (int i = 0; positive && i < weights.length; i++) {
      weights[i] = Math.abs(weights[i]) / 4;
    }
    return Attributes.of(operator)
        .ints("nodes_treeids", treeIds)
        .ints("nodes_nodeids", nodeIds)
        .ints("nodes_featureids", featureIds)
        .floats("nodes_values", gaussians(trees * nodes))
        .strings("nodes_modes", modes)
        .ints("nodes_truenodeids", whenTrue)
        .ints("nodes_falsenodeids", whenFalse)
        .ints("nodes_missing_value_tracks_true", missing)
        .ints(votes + "_treeids", voterTrees)
        .ints(votes + "_nodeids", voterNodes)
        .ints(votes + "_ids", targets)
        .floats(votes + "_weights", weights);
  }

  private static void check(Attributes attributes, Tensor... inputs) throws OrtException {
    List<Tensor> expected = OnnxRuntimeReference.run("ai.onnx.ml", attributes, 0, inputs);
    List<Tensor> actual =
        OperatorRunner.on(ScalarKernels.create())
            .run(
                MlOperators.table().get("ai.onnx.ml:" + attributes.operator()).apply(attributes),
                inputs);
    for (int i = 0; i < expected.size(); i++) {
      assertAgrees(expected.get(i), actual.get(i), 1e-5);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SUM", "AVERAGE", "MIN", "MAX"})
  void treesRegressWithEveryAggregate(String aggregate) throws OrtException {
    Tensor x = features(40);
    x.setFloat(4, Float.NaN);
    x.setFloat(15, Float.NaN);
    check(
        trees("TreeEnsembleRegressor", "target", new long[] {0, 0, 0, 0, 1, 1, 1, 1}, false)
            .with("n_targets", 2L)
            .with("aggregate_function", aggregate)
            .floats("base_values", 0.5f, -1),
        x);
  }

  @Test
  void numberedTreesBranchBySizeAndByMembership() {
    // x0 <= 3 ? 1 : x1 in {2, 5} ? 20 : 300
    Attributes attributes =
        Attributes.of("TreeEnsemble")
            .with("nodes_modes", Tensors.ofBytes(DType.UINT8, Shape.of(2), (byte) 0, (byte) 6))
            .with("nodes_splits", Tensors.ofFloats(Shape.of(2), 3, 0))
            .with("membership_values", Tensors.ofFloats(Shape.of(3), 5, 2, Float.NaN))
            .ints("nodes_featureids", 0, 1)
            .ints("nodes_truenodeids", 0, 1)
            .ints("nodes_trueleafs", 1, 1)
            .ints("nodes_falsenodeids", 1, 2)
            .ints("nodes_falseleafs", 0, 1)
            .ints("leaf_targetids", 0, 0, 0)
            .with("leaf_weights", Tensors.ofFloats(Shape.of(3), 1, 20, 300))
            .ints("tree_roots", 0);
    Tensor x = Tensors.ofFloats(Shape.of(4, 2), 3, 9, 4, 2, 4, 5, Float.NaN, 4);
    Tensor y =
        OperatorRunner.on(ScalarKernels.create()).first(TreeRegressor.ensemble(attributes), x);
    assertArrayEquals(new float[] {1, 20, 20, 300}, y.toFloats());
  }

  @Test
  void treesThatRunInACircleAreRefused() {
    Attributes attributes =
        Attributes.of("TreeEnsemble")
            .with("nodes_modes", Tensors.ofBytes(DType.UINT8, Shape.of(2), (byte) 0, (byte) 0))
            .with("nodes_splits", Tensors.ofFloats(Shape.of(2), 3, 0))
            .ints("nodes_featureids", 0, 0)
            .ints("nodes_truenodeids", 1, 0)
            .ints("nodes_trueleafs", 0, 0)
            .ints("nodes_falsenodeids", 0, 0)
            .ints("nodes_falseleafs", 1, 1)
            .ints("leaf_targetids", 0)
            .with("leaf_weights", Tensors.ofFloats(Shape.of(1), 1))
            .ints("tree_roots", 0);
    assertThrows(InvalidModelException.class, () -> TreeRegressor.ensemble(attributes));
  }

  @ParameterizedTest
  @ValueSource(strings = {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO"})
  void treesClassifyThreeClasses(String transform) throws OrtException {
    check(
        trees("TreeEnsembleClassifier", "class", new long[] {0, 1, 2, 1, 2, 0, 1, 0}, false)
            .strings("classlabels_strings", "ant", "bee", "cat")
            .with("post_transform", transform)
            .outputs(2),
        features(40));
  }

  @ParameterizedTest
  @ValueSource(strings = {"NONE", "SOFTMAX", "LOGISTIC"})
  void treesThatVoteForOneOfTwoClassesGiveMargins(String transform) throws OrtException {
    check(
        trees("TreeEnsembleClassifier", "class", new long[8], false)
            .ints("classlabels_int64s", 3, 5)
            .with("post_transform", transform)
            .outputs(2),
        features(40));
  }

  @ParameterizedTest
  @ValueSource(strings = {"NONE", "LOGISTIC"})
  void treesThatVoteForOneOfTwoClassesGiveProbabilities(String transform) throws OrtException {
    check(
        trees("TreeEnsembleClassifier", "class", new long[8], true)
            .ints("classlabels_int64s", 3, 5)
            .with("post_transform", transform)
            .floats("base_values", 0.1f)
            .outputs(2),
        features(40));
  }

  @ParameterizedTest
  @ValueSource(strings = {"NONE", "SOFTMAX", "LOGISTIC"})
  void treesThatVoteForTheSecondOfTwoClasses(String transform) throws OrtException {
    check(
        trees("TreeEnsembleClassifier", "class", new long[] {1, 1, 1, 1, 1, 1, 1, 1}, false)
            .ints("classlabels_int64s", 0, 1)
            .with("post_transform", transform)
            .outputs(2),
        features(40));
  }

  @ParameterizedTest
  @ValueSource(strings = {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO"})
  void linearClassifierOfThreeClasses(String transform) throws OrtException {
    check(
        Attributes.of("LinearClassifier")
            .floats("coefficients", gaussians(9))
            .floats("intercepts", gaussians(3))
            .ints("classlabels_ints", 0, 1, 2)
            .with("post_transform", transform)
            .outputs(2),
        features(20));
  }

  @ParameterizedTest
  @ValueSource(strings = {"NONE", "LOGISTIC", "SOFTMAX"})
  void linearClassifierOfTwoClassesFromOneScore(String transform) throws OrtException {
    check(
        Attributes.of("LinearClassifier")
            .floats("coefficients", gaussians(3))
            .floats("intercepts", 0.1f)
            .strings("classlabels_strings", "no", "yes")
            .with("post_transform", transform)
            .outputs(2),
        features(20));
  }

  @Test
  void linearRegressor() throws OrtException {
    check(
        Attributes.of("LinearRegressor")
            .floats("coefficients", gaussians(6))
            .floats("intercepts", gaussians(2))
            .with("targets", 2L),
        features(20));
  }

  @ParameterizedTest
  @ValueSource(strings = {"LINEAR", "POLY", "RBF", "SIGMOID"})
  void supportVectorsRegress(String kernel) throws OrtException {
    check(
        Attributes.of("SVMRegressor")
            .with("kernel_type", kernel)
            .floats("kernel_params", 0.3f, 0.5f, 3)
            .floats("support_vectors", gaussians(4 * FEATURES))
            .floats("coefficients", gaussians(4))
            .floats("rho", 0.25f)
            .with("n_supports", 4L),
        features(20));
  }

  private Attributes svm(int classes) {
    long[] perClass = new long[classes];
    Arrays.fill(perClass, 2);
    long[] labels = new long[classes];
    Arrays.setAll(labels, i -> i);
    return Attributes.of("SVMClassifier")
        .with("kernel_type", "RBF")
        .floats("kernel_params", 0.3f, 0, 3)
        .floats("support_vectors", gaussians(2 * classes * FEATURES))
        .ints("vectors_per_class", perClass)
        .floats("coefficients", gaussians((classes - 1) * 2 * classes))
        .floats("rho", gaussians(classes * (classes - 1) / 2))
        .ints("classlabels_ints", labels)
        .outputs(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void supportVectorsClassifyByVotes(int classes) throws OrtException {
    check(svm(classes), features(30));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void supportVectorsClassifyWithProbabilities(int classes) throws OrtException {
    int pairs = classes * (classes - 1) / 2;
    float[] slopes = gaussians(pairs);
    for (int i = 0; i < pairs; i++) {
      slopes[i] = -Math.abs(slopes[i]) - 0.5f;
    }
    check(svm(classes).floats("prob_a", slopes).floats("prob_b", gaussians(pairs)), features(30));
  }

  @Test
  void linearSupportVectorsClassify() throws OrtException {
    check(
        Attributes.of("SVMClassifier")
            .floats("coefficients", gaussians(3 * FEATURES))
            .floats("kernel_params", 0, 0, 0)
            .floats("rho", 0.5f)
            .ints("classlabels_ints", 0, 1, 2)
            .outputs(2),
        features(30));
  }

  @Test
  void scaler() throws OrtException {
    check(
        Attributes.of("Scaler").floats("offset", 1, 2, 3).floats("scale", 2, 0.5f, -1),
        features(5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"MAX", "L1", "L2"})
  void normalizer(String norm) throws OrtException {
    Tensor x = features(10);
    for (int i = 0; i < FEATURES; i++) {
      x.setFloat(i, 0);
    }
    for (int i = FEATURES; i < x.size() && norm.equals("MAX"); i++) {
      x.setFloat(i, Math.abs(x.getFloat(i)));
    }
    check(Attributes.of("Normalizer").with("norm", norm), x);
  }

  @Test
  void binarizer() throws OrtException {
    check(Attributes.of("Binarizer").with("threshold", 0.25f), features(10));
  }

  @Test
  void imputerReplacesNaN() throws OrtException {
    Tensor x = features(4);
    x.setFloat(5, Float.NaN);
    check(
        Attributes.of("Imputer")
            .floats("imputed_value_floats", 1, 2, 3)
            .with("replaced_value_float", Float.NaN),
        x);
  }

  @Test
  void labelEncoderMapsTextsToIntegersAndBack() throws OrtException {
    Tensor texts = Tensors.ofStrings(Shape.of(2, 2), "b", "a", "zzz", "c");
    check(
        Attributes.of("LabelEncoder")
            .strings("keys_strings", "a", "b", "c")
            .ints("values_int64s", 10, 20, 30)
            .with("default_int64", -7L),
        texts);
    check(
        Attributes.of("LabelEncoder")
            .ints("keys_int64s", 1, 2)
            .strings("values_strings", "one", "two")
            .with("default_string", "many"),
        Tensors.vector(2, 3, 1));
    check(
        Attributes.of("LabelEncoder")
            .floats("keys_floats", 1.5f, 2.5f)
            .floats("values_floats", 3, 4)
            .with("default_float", 9f),
        Tensors.ofFloats(Shape.of(3), 2.5f, 1.5f, 2));
  }

  @Test
  void categoryMapperGoesBothWays() throws OrtException {
    Attributes table =
        Attributes.of("CategoryMapper")
            .strings("cats_strings", "x", "y")
            .ints("cats_int64s", 4, 9)
            .with("default_int64", -1L)
            .with("default_string", "none");
    check(table, Tensors.ofStrings(Shape.of(3), "y", "x", "q"));
    check(table, Tensors.vector(9, 5, 4));
  }

  @Test
  void oneHotEncoder() throws OrtException {
    check(Attributes.of("OneHotEncoder").ints("cats_int64s", 3, 1, 2), Tensors.vector(1, 5, 3));
    check(
        Attributes.of("OneHotEncoder").strings("cats_strings", "a", "b"),
        Tensors.ofStrings(Shape.of(1, 3), "b", "c", "a"));
  }

  @Test
  void featureVectorizerPutsColumnsSideBySide() throws OrtException {
    check(
        Attributes.of("FeatureVectorizer").ints("inputdimensions", 3, 2),
        features(4),
        Tensors.ofFloats(Shape.of(4, 2), 1, 2, 3, 4, 5, 6, 7, 8));
  }

  @Test
  void arrayFeatureExtractorTakesColumns() throws OrtException {
    check(Attributes.of("ArrayFeatureExtractor"), features(4), Tensors.vector(2, 0));
  }
}
