package io.lockstep.runtime.kernel.vector;

import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Conv;
import io.lockstep.runtime.kernel.ConvGeometry;
import io.lockstep.runtime.kernel.Elementwise;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions as products: filters [filters, k] times the image's windows [k, pixels], a panel of
 * pixels at a time, where k counts channel, kernel row and kernel column. Pointwise ones read the
 * image as it is; depthwise ones run along the rows of each plane.
 *
 * <p>Packed: the filters as they are; of 8-bit ones, their differences from the zero point as
 * int16.
 */
final class VectorConv implements Conv {

  private static final int PANEL = GemmTiles.PANEL;

  /** Threads that one image is split over at most; each needs scratch memory of its own. */
  private static final int MAX_SPLIT = Math.min(32, Runtime.getRuntime().availableProcessors());

  /** Multiply-adds below which handing work to another thread costs more than it saves. */
  private static final long SPLIT_WORK = 1 << 18;

  /** As for products of 8-bit integers: so many products of floats sum up exactly. */
  private static final int EXACT_BLOCK = 256;

  private final Elementwise elementwise;

  VectorConv(Elementwise elementwise) {
    this.elementwise = elementwise;
  }

  @Override
  public PackedFilters pack(Tensor weights, int groups, TensorArena owner) {
    Tensor copy = owner.copyOf(weights);
    return new PackedFilters(weights.shape().extent(0), groups, copy.segment());
  }

  @Override
  public PackedQuantFilters packQuant(
      Tensor weights, int groups, @Nullable Tensor zeroPoint, TensorArena owner) {
    Tensor differences = owner.allocate(weights.type().withDType(DType.INT16));
    int filters = weights.shape().extent(0);
    long perFilter = filters == 0 ? 0 : weights.size() / filters;
    for (long i = 0; i < weights.size(); i++) {
      long zero =
          zeroPoint == null ? 0 : zeroPoint.asLong(zeroPoint.size() == 1 ? 0 : i / perFilter);
      differences.setShort(i, (short) (weights.asLong(i) - zero));
    }
    return new PackedQuantFilters(filters, groups, differences.segment());
  }

  private static int kernelSize(ConvGeometry g) {
    return g.channels() / g.groups() * g.kernelHeight() * g.kernelWidth();
  }

  private static int chunks(ConvGeometry g, int units, ComputePool pool) {
    long work = (long) kernelSize(g) * g.filters() * g.outputSize();
    int useful = (int) Math.max(1, Math.min(units, work / SPLIT_WORK));
    return Math.max(1, Math.min(MAX_SPLIT, Math.min(pool.threads(), useful)));
  }

  @Override
  public long workspaceBytes(ConvGeometry g, int threads) {
    long bytes =
        g.isDepthwise() ? PaddedPlane.bytes(g) : (long) kernelSize(g) * PANEL * Float.BYTES;
    return Math.min(MAX_SPLIT, threads) * aligned(bytes);
  }

  private static long aligned(long bytes) {
    return (bytes + TensorArena.ALIGNMENT - 1) & -TensorArena.ALIGNMENT;
  }

  @Override
  public void convF32(
      ConvGeometry g,
      MemorySegment x,
      long xOffset,
      PackedFilters filters,
      @Nullable MemorySegment bias,
      @Nullable MemorySegment residual,
      Activation activation,
      MemorySegment workspace,
      MemorySegment y,
      long yOffset,
      ComputePool pool) {
    int panels = (g.outputSize() + PANEL - 1) / PANEL;
    int units = g.isDepthwise() ? g.channels() : panels * g.groups();
    int chunks = chunks(g, units, pool);
    long scratchBytes = workspaceBytes(g, 1);
    pool.parallelFor(
        chunks,
        1,
        (from, to) -> {
          for (int chunk = from; chunk < to; chunk++) {
            int last = (int) ((long) units * (chunk + 1) / chunks);
            for (int unit = (int) ((long) units * chunk / chunks); unit < last; unit++) {
              long scratch = chunk * scratchBytes;
              if (g.isDepthwise()) {
                PaddedPlane.convolve(
                    g, unit, x, xOffset, filters.data(), workspace, scratch, y, yOffset);
                finish(
                    g, unit, unit + 1, 0, g.outputSize(), bias, residual, activation, y, yOffset);
              } else {
                int group = unit / panels;
                int pixel = unit % panels * PANEL;
                panel(g, group, pixel, x, xOffset, filters.data(), workspace, scratch, y, yOffset);
                int perGroup = g.filters() / g.groups();
                int count = Math.min(PANEL, g.outputSize() - pixel);
                finish(
                    g,
                    group * perGroup,
                    (group + 1) * perGroup,
                    pixel,
                    count,
                    bias,
                    residual,
                    activation,
                    y,
                    yOffset);
              }
            }
          }
        });
  }

  /** One group's filters over one panel of pixels. */
  private static void panel(
      ConvGeometry g,
      int group,
      int pixel,
      MemorySegment x,
      long xOffset,
      MemorySegment filters,
      MemorySegment workspace,
      long scratch,
      MemorySegment y,
      long yOffset) {
    int count = Math.min(PANEL, g.outputSize() - pixel);
    int perGroup = g.filters() / g.groups();
    int k = kernelSize(g);
    long image = xOffset + (long) group * (g.channels() / g.groups()) * g.inputSize();
    MemorySegment b = workspace;
    long bByte = scratch;
    long bStep = (long) PANEL * Float.BYTES;
    if (g.isPointwise() && count == PANEL) {
      b = x;
      bByte = (image + pixel) * Float.BYTES;
      bStep = (long) g.inputSize() * Float.BYTES;
    } else {
      Windows.gather(g, x, image, pixel, count, workspace, scratch);
    }
    GemmTiles.rows(
        perGroup,
        k,
        filters,
        (long) group * perGroup * k * Float.BYTES,
        (long) k * Float.BYTES,
        b,
        bByte,
        bStep,
        y,
        (yOffset + (long) group * perGroup * g.outputSize() + pixel) * Float.BYTES,
        (long) g.outputSize() * Float.BYTES,
        count);
  }

  /** Adds bias and residual and applies the activation to a range of pixels of some filters. */
  private void finish(
      ConvGeometry g,
      int fromFilter,
      int toFilter,
      int pixel,
      int count,
      @Nullable MemorySegment bias,
      @Nullable MemorySegment residual,
      Activation activation,
      MemorySegment y,
      long yOffset) {
    for (int filter = fromFilter; filter < toFilter; filter++) {
      long at = yOffset + (long) filter * g.outputSize() + pixel;
      if (bias != null) {
        float value = bias.get(Lanes.FLOAT, (long) filter * Float.BYTES);
        elementwise.binaryScalarRight(BinaryFunction.ADD, y, at, value, y, at, count);
      }
      if (residual != null) {
        elementwise.binary(BinaryFunction.ADD, y, at, residual, at, y, at, count);
      }
      if (!activation.isNone()) {
        elementwise.unary(activation, y, at, y, at, count);
      }
    }
  }

  @Override
  public long quantWorkspaceBytes(ConvGeometry g, int threads) {
    long perThread = aligned((long) EXACT_BLOCK * PANEL * Float.BYTES) + aligned(tileBytes(g));
    return aligned(imageBytes(g))
        + aligned((long) g.filters() * kernelSize(g) * Float.BYTES)
        + Math.min(MAX_SPLIT, threads) * (perThread + aligned(windowBytes(g)));
  }

  private static long imageBytes(ConvGeometry g) {
    return (long) g.channels() * g.inputSize() * Float.BYTES;
  }

  private static long windowBytes(ConvGeometry g) {
    return (long) kernelSize(g) * PANEL * Float.BYTES;
  }

  private static long tileBytes(ConvGeometry g) {
    return (long) (g.filters() / g.groups()) * PANEL * Float.BYTES;
  }

  @Override
  public void convI32(
      ConvGeometry g,
      MemorySegment x,
      long xOffset,
      boolean xSigned,
      int xZeroPoint,
      PackedQuantFilters filters,
      MemorySegment workspace,
      MemorySegment y,
      long yOffset,
      ComputePool pool) {
    int k = kernelSize(g);
    long filterStart = aligned(imageBytes(g));
    long scratchStart = filterStart + aligned((long) g.filters() * k * Float.BYTES);
    long perThread =
        aligned((long) EXACT_BLOCK * PANEL * Float.BYTES)
            + aligned(tileBytes(g))
            + aligned(windowBytes(g));
    widenImage(
        x, xOffset, xSigned ? -1 : 0xff, xZeroPoint, workspace, g.channels() * g.inputSize());
    widenFilters(filters.data(), workspace, filterStart, (long) g.filters() * k);
    int panels = (g.outputSize() + PANEL - 1) / PANEL;
    int units = panels * g.groups();
    int chunks = chunks(g, units, pool);
    pool.parallelFor(
        chunks,
        1,
        (from, to) -> {
          for (int chunk = from; chunk < to; chunk++) {
            long scratch = scratchStart + chunk * perThread;
            int last = (int) ((long) units * (chunk + 1) / chunks);
            for (int unit = (int) ((long) units * chunk / chunks); unit < last; unit++) {
              quantPanel(
                  g,
                  unit / panels,
                  unit % panels * PANEL,
                  workspace,
                  filterStart,
                  scratch,
                  y,
                  yOffset);
            }
          }
        });
  }

  /** One group's filters over one panel of pixels, block by block of the reduction. */
  private static void quantPanel(
      ConvGeometry g,
      int group,
      int pixel,
      MemorySegment workspace,
      long filterStart,
      long scratch,
      MemorySegment y,
      long yOffset) {
    int count = Math.min(PANEL, g.outputSize() - pixel);
    int perGroup = g.filters() / g.groups();
    int k = kernelSize(g);
    long image = (long) group * (g.channels() / g.groups()) * g.inputSize();
    long tile = scratch + aligned((long) EXACT_BLOCK * PANEL * Float.BYTES);
    long windows = tile + aligned(tileBytes(g));
    Windows.gather(g, workspace, image, pixel, count, workspace, windows);
    for (int block = 0; block < k; block += EXACT_BLOCK) {
      int length = Math.min(EXACT_BLOCK, k - block);
      GemmTiles.rows(
          perGroup,
          length,
          workspace,
          filterStart + ((long) group * perGroup * k + block) * Float.BYTES,
          (long) k * Float.BYTES,
          workspace,
          windows + (long) block * PANEL * Float.BYTES,
          (long) PANEL * Float.BYTES,
          workspace,
          tile,
          (long) PANEL * Float.BYTES,
          count);
      for (int filter = 0; filter < perGroup; filter++) {
        long to = yOffset + (long) (group * perGroup + filter) * g.outputSize() + pixel;
        addAsInts(
            workspace,
            tile + (long) filter * PANEL * Float.BYTES,
            block == 0,
            y,
            to * Integer.BYTES,
            count);
      }
    }
  }

  private static void addAsInts(
      MemorySegment tile, long from, boolean first, MemorySegment y, long to, int count) {
    for (int i = 0; i < count; i++) {
      long at = (long) i * Float.BYTES;
      int value = (int) tile.get(Lanes.FLOAT, from + at);
      y.set(Lanes.INT, to + at, first ? value : value + y.get(Lanes.INT, to + at));
    }
  }

  private static void widenImage(
      MemorySegment x, long offset, int mask, int zero, MemorySegment to, int count) {
    for (int i = 0; i < count; i++) {
      int value = (x.get(ValueLayout.JAVA_BYTE, offset + i) & mask) - zero;
      to.set(Lanes.FLOAT, (long) i * Float.BYTES, value);
    }
  }

  private static void widenFilters(
      MemorySegment filters, MemorySegment to, long start, long count) {
    for (long i = 0; i < count; i++) {
      short value = filters.get(ValueLayout.JAVA_SHORT_UNALIGNED, i * Short.BYTES);
      to.set(Lanes.FLOAT, start + i * Float.BYTES, value);
    }
  }

  /** Lays the windows of an image out as columns. */
  private static final class Windows {

    private Windows() {}

    /** Float [k, PANEL] at {@code to}: column i is the window of output pixel {@code pixel + i}. */
    static void gather(
        ConvGeometry g,
        MemorySegment x,
        long image,
        int pixel,
        int count,
        MemorySegment panel,
        long to) {
      int channels = g.channels() / g.groups();
      long row = to;
      for (int channel = 0; channel < channels; channel++) {
        long plane = image + (long) channel * g.inputSize();
        for (int ky = 0; ky < g.kernelHeight(); ky++) {
          for (int kx = 0; kx < g.kernelWidth(); kx++) {
            tap(g, x, plane, ky, kx, pixel, count, panel, row);
            row += (long) PANEL * Float.BYTES;
          }
        }
      }
    }

    /** What one tap of the kernel sees at successive pixels. */
    private static void tap(
        ConvGeometry g,
        MemorySegment x,
        long plane,
        int ky,
        int kx,
        int pixel,
        int count,
        MemorySegment panel,
        long row) {
      int oy = pixel / g.outputWidth();
      int ox = pixel % g.outputWidth();
      int done = 0;
      while (done < count) {
        int run = Math.min(count - done, g.outputWidth() - ox);
        int iy = oy * g.strideHeight() - g.padTop() + ky * g.dilationHeight();
        int ix = ox * g.strideWidth() - g.padLeft() + kx * g.dilationWidth();
        long target = row + (long) done * Float.BYTES;
        if (iy < 0 || iy >= g.height()) {
          zero(panel, target, run);
        } else {
          long line = plane + (long) iy * g.width();
          line(x, line, ix, g.strideWidth(), g.width(), panel, target, run);
        }
        done += run;
        ox = 0;
        oy++;
      }
    }

    private static void line(
        MemorySegment x,
        long line,
        int ix,
        int stride,
        int width,
        MemorySegment panel,
        long target,
        int run) {
      int before = ix >= 0 ? 0 : Math.min(run, (-ix + stride - 1) / stride);
      int inside = ix >= width ? 0 : Math.min(run, (width - ix + stride - 1) / stride);
      inside = Math.max(inside, before);
      zero(panel, target, before);
      long from = (line + ix) * Float.BYTES;
      if (stride == 1) {
        copy(x, from, panel, target, before, inside);
      } else {
        copyStrided(x, from, (long) stride * Float.BYTES, panel, target, before, inside);
      }
      zero(panel, target + (long) inside * Float.BYTES, run - inside);
    }

    private static void zero(MemorySegment panel, long target, int count) {
      for (int i = 0; i < count; i++) {
        panel.set(Lanes.FLOAT, target + (long) i * Float.BYTES, 0f);
      }
    }

    private static void copy(
        MemorySegment x, long from, MemorySegment panel, long target, int first, int last) {
      int i = first;
      for (; i <= last - Lanes.COUNT; i += Lanes.COUNT) {
        Lanes.store(
            Lanes.load(x, from + (long) i * Float.BYTES), panel, target + (long) i * Float.BYTES);
      }
      for (; i < last; i++) {
        long at = (long) i * Float.BYTES;
        panel.set(Lanes.FLOAT, target + at, x.get(Lanes.FLOAT, from + at));
      }
    }

    private static void copyStrided(
        MemorySegment x,
        long from,
        long step,
        MemorySegment panel,
        long target,
        int first,
        int last) {
      for (int i = first; i < last; i++) {
        panel.set(
            Lanes.FLOAT, target + (long) i * Float.BYTES, x.get(Lanes.FLOAT, from + i * step));
      }
    }
  }

  /**
   * Depthwise convolution of one plane. The plane is copied with its padding, its columns sorted by
   * their remainder modulo the stride, so that every tap reads neighbours.
   */
  private static final class PaddedPlane {

    private PaddedPlane() {}

    private static int rows(ConvGeometry g) {
      return (g.outputHeight() - 1) * g.strideHeight()
          + (g.kernelHeight() - 1) * g.dilationHeight()
          + 1;
    }

    private static int phaseWidth(ConvGeometry g) {
      int widest =
          (g.outputWidth() - 1) + ((g.kernelWidth() - 1) * g.dilationWidth()) / g.strideWidth() + 1;
      return widest + Lanes.COUNT;
    }

    static long bytes(ConvGeometry g) {
      return (long) rows(g) * phaseWidth(g) * g.strideWidth() * Float.BYTES;
    }

    static void convolve(
        ConvGeometry g,
        int channel,
        MemorySegment x,
        long xOffset,
        MemorySegment filters,
        MemorySegment workspace,
        long scratch,
        MemorySegment y,
        long yOffset) {
      fill(g, x, xOffset + (long) channel * g.inputSize(), workspace, scratch);
      long filter = (long) channel * g.kernelHeight() * g.kernelWidth() * Float.BYTES;
      long lineBytes = (long) phaseWidth(g) * g.strideWidth() * Float.BYTES;
      long out = (yOffset + (long) channel * g.outputSize()) * Float.BYTES;
      for (int oy = 0; oy < g.outputHeight(); oy++) {
        long line = scratch + (long) oy * g.strideHeight() * lineBytes;
        for (int ox = 0; ox < g.outputWidth(); ox += Lanes.COUNT) {
          FloatVector sum =
              window(g, filters, filter, workspace, line + (long) ox * Float.BYTES, lineBytes);
          long to = out + ((long) oy * g.outputWidth() + ox) * Float.BYTES;
          if (ox <= g.outputWidth() - Lanes.COUNT) {
            Lanes.store(sum, y, to);
          } else {
            Lanes.store(sum, y, to, Lanes.tail(ox, g.outputWidth()));
          }
        }
      }
    }

    private static FloatVector window(
        ConvGeometry g,
        MemorySegment filters,
        long filter,
        MemorySegment plane,
        long at,
        long lineBytes) {
      FloatVector sum = Lanes.all(0);
      long phaseBytes = (long) phaseWidth(g) * Float.BYTES;
      long tap = filter;
      for (int ky = 0; ky < g.kernelHeight(); ky++) {
        long line = at + (long) ky * g.dilationHeight() * lineBytes;
        for (int kx = 0; kx < g.kernelWidth(); kx++) {
          int column = kx * g.dilationWidth();
          long from =
              line
                  + column % g.strideWidth() * phaseBytes
                  + (long) (column / g.strideWidth()) * Float.BYTES;
          sum = Lanes.spread(filters, tap).fma(Lanes.load(plane, from), sum);
          tap += Float.BYTES;
        }
      }
      return sum;
    }

    private static void fill(
        ConvGeometry g, MemorySegment x, long plane, MemorySegment workspace, long scratch) {
      workspace.asSlice(scratch, bytes(g)).fill((byte) 0);
      int stride = g.strideWidth();
      int phaseWidth = phaseWidth(g);
      int columns = Math.min(g.width(), (phaseWidth - Lanes.COUNT) * stride - g.padLeft());
      for (int row = 0; row < rows(g); row++) {
        int iy = row - g.padTop();
        if (iy >= 0 && iy < g.height()) {
          long from = plane + (long) iy * g.width();
          long to = scratch + (long) row * phaseWidth * stride * Float.BYTES;
          for (int phase = 0; phase < stride; phase++) {
            fillPhase(
                x,
                from,
                g.padLeft(),
                stride,
                phase,
                columns,
                workspace,
                to + (long) phase * phaseWidth * Float.BYTES);
          }
        }
      }
    }

    private static void fillPhase(
        MemorySegment x,
        long from,
        int padLeft,
        int stride,
        int phase,
        int columns,
        MemorySegment workspace,
        long to) {
      int first = Math.max(0, (padLeft - phase + stride - 1) / stride);
      for (int i = first; i * stride + phase - padLeft < columns; i++) {
        workspace.set(
            Lanes.FLOAT,
            to + (long) i * Float.BYTES,
            x.get(Lanes.FLOAT, (from + (long) i * stride + phase - padLeft) * Float.BYTES));
      }
    }
  }
}
