package io.lockstep.runtime.sampling;

/** Memory of one choice at a time; one for all sequences that a thread samples. */
public final class SamplingBuffers {

  final float[] scores; // [vocabulary], logits as the settings change them
  final int[] ids; // [vocabulary], candidates
  final double[] weights; // [vocabulary], unnormalised probabilities, by id
  final double[] keys; // [vocabulary], what candidates are ordered by, by id

  public SamplingBuffers(int vocabulary) {
    scores = new float[vocabulary];
    ids = new int[vocabulary];
    weights = new double[vocabulary];
    keys = new double[vocabulary];
  }
}
