package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.graph.RunContext;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.Gemm.MatmulShape;
import io.lockstep.runtime.kernel.HeadAttention;
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
import org.jspecify.annotations.Nullable;

/**
 * Attention head by head, the heads shared out over the pool. Scores are floats in the workspace;
 * other types than FLOAT32 are converted there and back.
 */
final class AttentionKernel {

  /** Scores of a block, which then stay in the second-level cache. */
  private static final int BLOCK_SCORES = 1 << 16;

  /** Queries of a block at least, since keys and values are packed for each. */
  private static final int LEAST_BLOCK = 32;

  /** Queries of a block that a kernel takes from scores to results. */
  private static final int FUSED_BLOCK = 512;

  private final Attention operator;
  private final KernelSet kernels;
  private final Heads heads;
  private final float scale;
  private final AttentionBias bias;
  private final boolean present; // whether keys and values are gathered in the present outputs
  private final StridedCopy[] presentCopies; // past keys, keys, past values, values
  private final boolean fused; // whether a kernel of whole heads does it
  private final int block; // queries that are computed together
  private final int blocks; // of a head
  private final ImageSplit split;
  private final long scoreBytes; // of a block
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
    this.fused =
        isBiasOfColumns(inputs)
            && !inputs.has(Attention.VALID)
            && operator.softcap() == 0
            && operator.outputs() <= Attention.SCORES
            && heads.keys() > 0;
    int most =
        fused ? FUSED_BLOCK : Math.max(LEAST_BLOCK, BLOCK_SCORES / Math.max(1, heads.keys()));
    this.blocks = Math.max(1, Math.ceilDiv(q.length(), most));
    this.block = Math.ceilDiv(q.length(), blocks);
    this.scoreBytes = WorkspaceLayout.align((long) block * heads.keys() * Float.BYTES);
    long blockBytes = fused ? kernels.headAttention().workspaceBytes(extent(block)) : looseBytes();
    this.split = new ImageSplit(q.batch() * q.heads() * blocks, _ -> blockBytes);
    this.splitBytes = WorkspaceLayout.align(split.workspaceBytes());
  }

  /** Whether all queries of a head see the same, so that the bias is a row of floats. */
  private boolean isBiasOfColumns(OperatorInputs inputs) {
    return inputs.has(Attention.MASK)
        ? bias.isOfColumns(inputs.dtype(Attention.MASK), inputs.shape(Attention.MASK))
        : !operator.causal();
  }

  private long looseBytes() {
    return scoreBytes
        + Math.max(
            kernels.gemm().matmulWorkspaceBytes(scoreShape(block)),
            kernels.gemm().matmulWorkspaceBytes(valueShape(block)));
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
      presentCopies[0].run(in[Attention.PAST_KEY], k, run);
      presentCopies[2].run(in[Attention.PAST_VALUE], v, run);
    }
    presentCopies[1].run(in[1], k, run);
    presentCopies[3].run(in[2], v, run);
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
          int head = unit / blocks % heads.q().heads();
          int item = unit / blocks / heads.q().heads();
          int from = unit % blocks * block;
          int to = Math.min(heads.q().length(), from + block);
          if (from < to) {
            int keys = valid == null ? -1 : (int) valid.asLong(item);
            run(operands, mask, keys, new Queries(item, head, from, to), workspace);
          }
        });
  }

  /** Queries of one head, which are computed together. */
  private record Queries(int item, int head, int from, int to) {
    int count() {
      return to - from;
    }
  }

  private void run(
      Operands operands,
      @Nullable Tensor mask,
      int keys,
      Queries queries,
      MemorySegment workspace) {
    if (fused) {
      runFused(operands, mask, queries, workspace);
      return;
    }
    MemorySegment scores = workspace.asSlice(0, scoreBytes);
    score(operands, queries, workspace, scores);
    keep(ScoreMode.PRODUCT, scores, operands, queries);
    softcap(scores, queries);
    keep(ScoreMode.SOFTCAP, scores, operands, queries);
    bias.add(mask, keys, queries.item, queries.head, queries.from, queries.to, scores);
    keep(ScoreMode.BIAS, scores, operands, queries);
    Reduce.Extent rows = new Reduce.Extent(queries.count(), heads.keys(), 1);
    kernels.reduce().softmax(rows, scores, 0, scores, 0);
    keep(ScoreMode.SOFTMAX, scores, operands, queries);
    combine(operands, queries, workspace, scores);
  }

  private MatmulShape scoreShape(int queries) {
    return new MatmulShape(queries, heads.q().size(), heads.keys(), true);
  }

  private MatmulShape valueShape(int queries) {
    return new MatmulShape(queries, heads.keys(), heads.v().size(), false);
  }

  private int keyHead(int head) {
    return head / (heads.q().heads() / heads.k().heads());
  }

  private HeadAttention.Extent extent(int queries) {
    return new HeadAttention.Extent(queries, heads.keys(), heads.q().size(), heads.v().size());
  }

  private void runFused(
      Operands operands, @Nullable Tensor mask, Queries queries, MemorySegment workspace) {
    HeadLayout k = present ? heads.presentKeys() : heads.k();
    HeadLayout v = present ? heads.presentValues() : heads.v();
    int keyHead = keyHead(queries.head);
    long at = bias.offset(queries.item, queries.head) * Float.BYTES;
    kernels
        .headAttention()
        .run(
            extent(queries.count()),
            scale,
            rows(operands.q, heads.q(), queries.item, queries.head, queries.from),
            rows(operands.k, k, queries.item, keyHead, 0),
            rows(operands.v, v, queries.item, keyHead, 0),
            mask == null ? null : mask.segment().asSlice(at, (long) heads.keys() * Float.BYTES),
            rows(operands.y, heads.y(), queries.item, queries.head, queries.from),
            workspace);
  }

  private static HeadAttention.Rows rows(
      MemorySegment memory, HeadLayout layout, int item, int head, int first) {
    int stride = layout.rowStride();
    return new HeadAttention.Rows(
        memory, layout.offset(item, head) + (long) first * stride, stride);
  }

  private void score(
      Operands operands, Queries queries, MemorySegment workspace, MemorySegment scores) {
    HeadLayout q = heads.q();
    HeadLayout k = present ? heads.presentKeys() : heads.k();
    kernels
        .gemm()
        .matmulF32(
            scoreShape(queries.count()),
            operands.q,
            q.offset(queries.item, queries.head) + (long) queries.from * q.rowStride(),
            q.rowStride(),
            operands.k,
            k.offset(queries.item, keyHead(queries.head)),
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
      Operands operands, Queries queries, MemorySegment workspace, MemorySegment scores) {
    HeadLayout v = present ? heads.presentValues() : heads.v();
    HeadLayout y = heads.y();
    kernels
        .gemm()
        .matmulF32(
            valueShape(queries.count()),
            scores,
            0,
            heads.keys(),
            operands.v,
            v.offset(queries.item, keyHead(queries.head)),
            v.rowStride(),
            1,
            Epilogue.NONE,
            workspace,
            scoreBytes,
            operands.y,
            y.offset(queries.item, queries.head) + (long) queries.from * y.rowStride(),
            y.rowStride());
  }

  private void softcap(MemorySegment scores, Queries queries) {
    float cap = operator.softcap();
    if (cap == 0) {
      return;
    }
    long count = (long) queries.count() * heads.keys();
    Activation shrink = new Activation(UnaryFunction.AFFINE, 1 / cap, 0);
    kernels.elementwise().unary(shrink, scores, 0, scores, 0, count);
    kernels.elementwise().unary(Activation.of(UnaryFunction.TANH), scores, 0, scores, 0, count);
    Activation grow = new Activation(UnaryFunction.AFFINE, cap, 0);
    kernels.elementwise().unary(grow, scores, 0, scores, 0, count);
  }

  private void keep(ScoreMode mode, MemorySegment scores, Operands operands, Queries queries) {
    if (operator.outputs() > Attention.SCORES && operator.scoreMode() == mode) {
      long rowBytes = (long) heads.keys() * Float.BYTES;
      long head = (long) queries.item * heads.q().heads() + queries.head;
      long row = head * heads.q().length() + queries.from;
      MemorySegment.copy(scores, 0, operands.scores, row * rowBytes, queries.count() * rowBytes);
    }
  }
}
