package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.graph.RunContext;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.Gemm.MatmulShape;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.kernel.Reduce;
import io.lockstep.runtime.kernel.UnaryFunction;
import io.lockstep.runtime.operator.Attention.Heads;
import io.lockstep.runtime.operator.Attention.ScoreMode;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Attention head by head, the heads shared out over the pool. Scores are floats in the workspace;
 * other types than FLOAT32 are converted there and back.
 */
final class AttentionKernel {

  private final Attention operator;
  private final KernelSet kernels;
  private final Heads heads;
  private final float scale;
  private final AttentionBias bias;
  private final boolean present; // whether keys and values are gathered in the present outputs
  private final StridedCopy[] presentCopies; // past keys, keys, past values, values
  private final MatmulShape scoreShape;
  private final MatmulShape valueShape;
  private final ImageSplit split;
  private final long scoreBytes;
  private final long splitBytes;

  private AttentionKernel(Attention operator, OperatorInputs inputs, KernelSet kernels) {
    this.operator = operator;
    this.kernels = kernels;
    this.heads = operator.heads(inputs);
    HeadLayout q = heads.q();
    this.scale = operator.scale() == 0 ? (float) (1 / Math.sqrt(q.size())) : operator.scale();
    int past = inputs.has(Attention.VALID) && !inputs.has(Attention.PAST_KEY) ? -1 : heads.past();
    this.bias =
        new AttentionBias(
            inputs.has(Attention.MASK) ? inputs.shape(Attention.MASK) : null,
            q.batch(),
            q.heads(),
            q.length(),
            heads.keys(),
            operator.causal(),
            past);
    this.present = heads.past() > 0 || operator.outputs() > 1;
    this.presentCopies = presentCopies(inputs);
    this.scoreShape = new MatmulShape(q.length(), q.size(), heads.keys(), true);
    this.valueShape = new MatmulShape(q.length(), heads.keys(), heads.v().size(), false);
    this.scoreBytes = WorkspaceLayout.align((long) q.length() * heads.keys() * Float.BYTES);
    long scratch =
        Math.max(
            kernels.gemm().matmulWorkspaceBytes(scoreShape),
            kernels.gemm().matmulWorkspaceBytes(valueShape));
    this.split = new ImageSplit(q.batch() * q.heads(), _ -> scoreBytes + scratch);
    this.splitBytes = WorkspaceLayout.align(split.workspaceBytes());
  }

  private StridedCopy[] presentCopies(OperatorInputs inputs) {
    if (!present) {
      return new StridedCopy[0];
    }
    return new StridedCopy[] {
      past(inputs.dtype(1), heads.presentKeys()),
      latest(inputs.dtype(1), heads.k(), heads.presentKeys()),
      past(inputs.dtype(2), heads.presentValues()),
      latest(inputs.dtype(2), heads.v(), heads.presentValues())
    };
  }

  private StridedCopy past(DType dtype, HeadLayout to) {
    HeadLayout from = new HeadLayout(to.batch(), to.heads(), heads.past(), to.size(), false);
    return StridedCopy.of(dtype, from.shape().toArray(), 0, from.strides(), 0, to.strides());
  }

  private StridedCopy latest(DType dtype, HeadLayout from, HeadLayout to) {
    int[] box = {from.batch(), from.heads(), from.length(), from.size()};
    long start = (long) heads.past() * to.size();
    return StridedCopy.of(dtype, box, 0, from.strides(), start, to.strides());
  }

  static PreparedOperator prepare(Attention operator, OperatorInputs inputs, KernelSet kernels) {
    AttentionKernel kernel = new AttentionKernel(operator, inputs, kernels);
    return kernel.prepared(inputs);
  }

  /** Where q, keys, values, y and scores lie as floats while this runs. */
  private record Operands(
      MemorySegment q, MemorySegment k, MemorySegment v, MemorySegment y, MemorySegment scores) {}

  private PreparedOperator prepared(OperatorInputs inputs) {
    boolean floats =
        inputs.dtype(0) == DType.FLOAT32
            && inputs.dtype(1) == DType.FLOAT32
            && inputs.dtype(2) == DType.FLOAT32;
    long queries = heads.q().shape().size();
    long keys = heads.presentKeys().shape().size();
    long values = heads.presentValues().shape().size();
    long results = heads.y().shape().size();
    long scores = (long) heads.q().batch() * heads.q().heads() * heads.q().length() * heads.keys();
    WorkspaceLayout layout = new WorkspaceLayout();
    layout.add(splitBytes);
    // Keys and values of a past that no output asks for are gathered here.
    boolean gathers = present && operator.outputs() <= Attention.PRESENT_VALUE;
    TensorType keyType = inputs.type(1).withShape(heads.presentKeys().shape());
    TensorType valueType = inputs.type(2).withShape(heads.presentValues().shape());
    long keyAt = layout.add(gathers ? keyType.bytes() : 0);
    long valueAt = layout.add(gathers ? valueType.bytes() : 0);
    long q32 = layout.addWords(floats ? 0 : queries);
    long k32 = layout.addWords(floats ? 0 : keys);
    long v32 = layout.addWords(floats ? 0 : values);
    long y32 = layout.addWords(floats ? 0 : results);
    boolean wantsScores = operator.outputs() > Attention.SCORES;
    long s32 = layout.addWords(floats || !wantsScores ? 0 : scores);
    return PreparedOperator.withWorkspace(
        layout.bytes(),
        (in, out, run) -> {
          MemorySegment workspace = run.workspace();
          Tensor k = in[1];
          Tensor v = in[2];
          if (present) {
            k = gathers ? Tensor.of(keyType, workspace.asSlice(keyAt)) : out[1];
            v = gathers ? Tensor.of(valueType, workspace.asSlice(valueAt)) : out[2];
            gather(in, k, v, run);
          }
          if (floats) {
            MemorySegment kept = wantsScores ? out[Attention.SCORES].segment() : MemorySegment.NULL;
            run(
                in,
                new Operands(in[0].segment(), k.segment(), v.segment(), out[0].segment(), kept),
                run);
            return;
          }
          Operands converted =
              new Operands(
                  workspace.asSlice(q32),
                  workspace.asSlice(k32),
                  workspace.asSlice(v32),
                  workspace.asSlice(y32),
                  wantsScores ? workspace.asSlice(s32) : MemorySegment.NULL);
          toFloats(in[0], converted.q);
          toFloats(k, converted.k);
          toFloats(v, converted.v);
          run(in, converted, run);
          fromFloats(converted.y, out[0]);
          if (wantsScores) {
            fromFloats(converted.scores, out[Attention.SCORES]);
          }
        });
  }

  private void gather(Tensor[] in, Tensor k, Tensor v, RunContext run) {
    if (heads.past() > 0) {
      presentCopies[0].run(in[Attention.PAST_KEY], k, run.pool());
      presentCopies[2].run(in[Attention.PAST_VALUE], v, run.pool());
    }
    presentCopies[1].run(in[1], k, run.pool());
    presentCopies[3].run(in[2], v, run.pool());
  }

  private static void toFloats(Tensor from, MemorySegment to) {
    for (long i = 0; i < from.size(); i++) {
      to.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) from.asDouble(i));
    }
  }

  private static void fromFloats(MemorySegment from, Tensor to) {
    for (long i = 0; i < to.size(); i++) {
      to.setFromDouble(i, from.getAtIndex(ValueLayout.JAVA_FLOAT, i));
    }
  }

  private void run(Tensor[] in, Operands operands, RunContext run) {
    Tensor mask = in.length > Attention.MASK ? in[Attention.MASK] : null;
    Tensor valid = in.length > Attention.VALID ? in[Attention.VALID] : null;
    split.run(
        run,
        (unit, workspace, _) -> {
          int item = unit / heads.q().heads();
          int head = unit % heads.q().heads();
          int keys = valid == null ? -1 : (int) valid.asLong(item);
          MemorySegment scores = workspace.asSlice(0, scoreBytes);
          score(operands, item, head, workspace, scores);
          keep(ScoreMode.PRODUCT, scores, operands, unit);
          softcap(scores);
          keep(ScoreMode.SOFTCAP, scores, operands, unit);
          bias.add(mask, keys, item, head, scores);
          keep(ScoreMode.BIAS, scores, operands, unit);
          Reduce.Extent rows = new Reduce.Extent(heads.q().length(), heads.keys(), 1);
          kernels.reduce().softmax(rows, scores, 0, scores, 0);
          keep(ScoreMode.SOFTMAX, scores, operands, unit);
          combine(operands, item, head, workspace, scores);
        });
  }

  private int keyHead(int head) {
    return head / (heads.q().heads() / heads.k().heads());
  }

  private void score(
      Operands operands, int item, int head, MemorySegment workspace, MemorySegment scores) {
    HeadLayout k = present ? heads.presentKeys() : heads.k();
    kernels
        .gemm()
        .matmulF32(
            scoreShape,
            operands.q,
            heads.q().offset(item, head),
            heads.q().rowStride(),
            operands.k,
            k.offset(item, keyHead(head)),
            k.rowStride(),
            scale,
            Epilogue.NONE,
            workspace,
            scoreBytes,
            scores,
            0,
            heads.keys());
  }

  private void combine(
      Operands operands, int item, int head, MemorySegment workspace, MemorySegment scores) {
    HeadLayout v = present ? heads.presentValues() : heads.v();
    kernels
        .gemm()
        .matmulF32(
            valueShape,
            scores,
            0,
            heads.keys(),
            operands.v,
            v.offset(item, keyHead(head)),
            v.rowStride(),
            1,
            Epilogue.NONE,
            workspace,
            scoreBytes,
            operands.y,
            heads.y().offset(item, head),
            heads.y().rowStride());
  }

  private void softcap(MemorySegment scores) {
    float cap = operator.softcap();
    if (cap == 0) {
      return;
    }
    long count = (long) heads.q().length() * heads.keys();
    Activation shrink = new Activation(UnaryFunction.AFFINE, 1 / cap, 0);
    kernels.elementwise().unary(shrink, scores, 0, scores, 0, count);
    kernels.elementwise().unary(Activation.of(UnaryFunction.TANH), scores, 0, scores, 0, count);
    Activation grow = new Activation(UnaryFunction.AFFINE, cap, 0);
    kernels.elementwise().unary(grow, scores, 0, scores, 0, count);
  }

  private void keep(ScoreMode mode, MemorySegment scores, Operands operands, int unit) {
    if (operator.outputs() > Attention.SCORES && operator.scoreMode() == mode) {
      long bytes = (long) heads.q().length() * heads.keys() * Float.BYTES;
      MemorySegment.copy(scores, 0, operands.scores, unit * bytes, bytes);
    }
  }
}
