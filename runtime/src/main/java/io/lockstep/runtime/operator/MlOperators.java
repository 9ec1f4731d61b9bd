package io.lockstep.runtime.operator;

import static java.util.Map.entry;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import java.util.Map;
import java.util.function.Function;

/** Operators of the domain ai.onnx.ml: trees, linear models and feature tables, by name. */
public final class MlOperators {

  private static final Map<String, Function<NodeAttributes, Operator>> TABLE =
      Map.ofEntries(
          entry("ai.onnx.ml:ArrayFeatureExtractor", ArrayFeatureExtractor::of),
          entry("ai.onnx.ml:Binarizer", FeatureMap::binarizer),
          entry("ai.onnx.ml:CategoryMapper", LabelEncoder::mapper),
          entry("ai.onnx.ml:FeatureVectorizer", FeatureVectorizer::of),
          entry("ai.onnx.ml:Imputer", FeatureMap::imputer),
          entry("ai.onnx.ml:LabelEncoder", LabelEncoder::of),
          entry("ai.onnx.ml:LinearClassifier", LinearModel::classifier),
          entry("ai.onnx.ml:LinearRegressor", LinearModel::regressor),
          entry("ai.onnx.ml:Normalizer", FeatureMap::normalizer),
          entry("ai.onnx.ml:OneHotEncoder", OneHotEncoder::of),
          entry("ai.onnx.ml:SVMClassifier", SvmClassifier::of),
          entry("ai.onnx.ml:SVMRegressor", SvmRegressor::of),
          entry("ai.onnx.ml:Scaler", FeatureMap::scaler),
          entry("ai.onnx.ml:TreeEnsemble", TreeRegressor::ensemble),
          entry("ai.onnx.ml:TreeEnsembleClassifier", TreeClassifier::of),
          entry("ai.onnx.ml:TreeEnsembleRegressor", TreeRegressor::of),
          entry("ai.onnx.ml:ZipMap", ZipMap::of));

  private MlOperators() {}

  /** The factory of each operator. */
  public static Map<String, Function<NodeAttributes, Operator>> table() {
    return TABLE;
  }
}
